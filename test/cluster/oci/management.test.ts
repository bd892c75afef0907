import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../harness/wait-for.ts';
import { codesOf, digestOf, header, imageManifest, location, withDigest, type OciClient } from './oci-client.ts';
import { makeRepository, startRegistry, type TestRegistry } from './registry.ts';

/* OCI distribution specification 1.1, workflow "Content Management". */
let registry: TestRegistry;
let client: OciClient;
const config = '{"architecture":"amd64","os":"linux"}';

beforeAll(async () => {
  // what is idle for four seconds is given up; the collector has no grace at all
  registry = await startRegistry({
    config: {
      oci: { unusedBlobHours: 4 / 3600, uploadHours: 4 / 3600, expirySeconds: 1 },
      tasks: { gc: { intervalMinutes: 0, graceSeconds: 0, deleteAfterSeconds: 0 } },
    },
  });
  ({ client } = registry);
});
afterAll(() => registry[Symbol.asyncDispose]());

const everywhere = async (path: string, status: number): Promise<void> => {
  for (const _node of registry.cluster.nodes) expect([path, (await client.send(path)).status]).toEqual([path, status]);
};
const tags = async (name: string): Promise<string[]> => ((await client.send(`/v2/${name}/tags/list`)).json() as { tags: string[] }).tags;

it('Deleting tags: the manifest stays', async () => {
  const name = 'images/tags';
  await client.pushBlob(name, config);
  const manifest = JSON.stringify(imageManifest(config, []));
  for (const tag of ['a', 'b']) await client.pushManifest(name, tag, manifest);
  await everywhere(`/v2/${name}/manifests/a`, 200);
  expect((await client.send(`/v2/${name}/manifests/a`, { method: 'DELETE' })).status).toBe(202);
  await everywhere(`/v2/${name}/manifests/a`, 404);
  await everywhere(`/v2/${name}/manifests/b`, 200);
  await everywhere(`/v2/${name}/manifests/${digestOf(manifest)}`, 200);
  expect(await tags(name)).toEqual(['b']);
  const again = await client.send(`/v2/${name}/manifests/a`, { method: 'DELETE' });
  expect([again.status, codesOf(again)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
});

it('Deleting Manifests: its tags go with it', async () => {
  const name = 'images/manifests';
  await client.pushBlob(name, config);
  const manifest = JSON.stringify(imageManifest(config, []));
  const other = JSON.stringify(imageManifest(config, [], { annotations: { other: 'yes' } }));
  for (const tag of ['a', 'b']) await client.pushManifest(name, tag, manifest);
  await client.pushManifest(name, 'c', other);
  await client.pushBlob('images/manifests/below', config);
  await client.pushManifest('images/manifests/below', 'a', manifest);
  for (const path of ['a', 'b', 'c', digestOf(manifest)]) await everywhere(`/v2/${name}/manifests/${path}`, 200);
  expect((await client.send(`/v2/${name}/manifests/${digestOf(manifest)}`, { method: 'DELETE' })).status).toBe(202);
  for (const path of ['a', 'b', digestOf(manifest)]) await everywhere(`/v2/${name}/manifests/${path}`, 404);
  expect(await tags(name)).toEqual(['c']);
  await everywhere('/v2/images/manifests/below/manifests/a', 200);
  for (const unknown of [digestOf(manifest), digestOf('never'), '.bad']) {
    const again = await client.send(`/v2/${name}/manifests/${unknown}`, { method: 'DELETE' });
    expect([again.status, codesOf(again)]).toEqual([404, ['MANIFEST_UNKNOWN']]);
  }
  expect((await client.pushManifest(name, 'a', manifest)).status).toBe(201);
  await everywhere(`/v2/${name}/manifests/a`, 200);
});

it('Deleting Blobs', async () => {
  const digest = await client.pushBlob('images/blobs', 'a blob');
  await everywhere(`/v2/images/blobs/blobs/${digest}`, 200);
  expect((await client.send(`/v2/images/blobs/blobs/${digest}`, { method: 'DELETE' })).status).toBe(202);
  await everywhere(`/v2/images/blobs/blobs/${digest}`, 404);
  const again = await client.send(`/v2/images/blobs/blobs/${digest}`, { method: 'DELETE' });
  expect([again.status, codesOf(again)]).toEqual([404, ['BLOB_UNKNOWN']]);
  expect((await client.send('/v2/images/blobs/blobs/sha256:x', { method: 'DELETE' })).status).toBe(400);
});

it('where deleting is switched off it is UNSUPPORTED', async () => {
  await makeRepository(registry.cluster, 'kept', { rclass: 'local', packageType: 'docker', allowDeletes: false });
  const blob = await client.pushBlob('kept/app', config);
  const manifest = JSON.stringify(imageManifest(config, []));
  await client.pushManifest('kept/app', 'v1', manifest);
  for (const path of ['manifests/v1', `manifests/${digestOf(manifest)}`, `blobs/${blob}`]) {
    const answer = await client.send(`/v2/kept/app/${path}`, { method: 'DELETE' });
    expect([path, answer.status, codesOf(answer), header(answer, 'allow')]).toEqual([path, 405, ['UNSUPPORTED'], 'GET, HEAD, PUT']);
    await everywhere(`/v2/kept/app/${path}`, 200);
  }
});

describe('what nobody uses', () => {
  it('an upload ends and a blob goes; what a manifest names stays, and so does what is asked for again and again', { timeout: 120_000 }, async () => {
    const name = 'images/idle';
    const [unused, asked, named] = [await client.pushBlob(name, 'unused'), await client.pushBlob(name, 'asked'), await client.pushBlob(name, config)];
    const manifest = JSON.stringify(imageManifest(config, []));
    await client.pushManifest(name, 'v1', manifest);
    const begun = location(await client.send(`/v2/${name}/blobs/uploads/`, { method: 'POST' }));
    expect((await client.send(begun, { method: 'PATCH', body: 'part' })).status).toBe(202);

    await everywhere(`/v2/${name}/blobs/${unused}`, 200);
    await waitFor('the unused blob to go', async () => {
      expect((await client.send(`/v2/${name}/blobs/${asked}`, { method: 'HEAD' })).status).toBe(200);
      return (await client.send(`/v2/${name}/blobs/${unused}`)).status === 404;
    }, { timeoutMs: 60_000, everyMs: 300 });
    await everywhere(`/v2/${name}/blobs/${unused}`, 404);
    await waitFor('the upload to end', async () => (await client.send(begun)).status === 404, { timeoutMs: 60_000, everyMs: 300 });
    await everywhere(`/v2/${name}/blobs/${named}`, 200);

    // once its manifest is gone a blob is unused as well
    expect((await client.send(`/v2/${name}/manifests/${digestOf(manifest)}`, { method: 'DELETE' })).status).toBe(202);
    await waitFor('the configuration to go', async () => (await client.send(`/v2/${name}/blobs/${named}`)).status === 404, { timeoutMs: 60_000, everyMs: 300 });
    // and comes back with the next push
    expect(await client.pushBlob(name, config)).toBe(named);
    expect((await client.pushManifest(name, 'v1', manifest)).status).toBe(201);
  });

  it('a name without anything is unknown', async () => {
    const digest = await client.pushBlob('images/short', 'short');
    expect((await client.send(`/v2/images/short/blobs/${digest}`, { method: 'DELETE' })).status).toBe(202);
    expect(codesOf(await client.send('/v2/images/short/tags/list'))).toEqual(['NAME_UNKNOWN']);
    const begun = location(await client.send('/v2/images/short/blobs/uploads/', { method: 'POST' }));
    expect((await client.send(withDigest(begun, digest), { method: 'PUT', body: 'short' })).status).toBe(201);
  });
});
