import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../harness/wait-for.ts';
import { codesOf, digestOf, header, imageManifest, location, withDigest, type OciClient } from './oci-client.ts';
import { makeRepository, makeUser, startRegistry, type TestRegistry } from './registry.ts';

/* OCI distribution specification 1.1, workflow "Content Management". */
let registry: TestRegistry;
let client: OciClient;
const config = '{"architecture":"amd64","os":"linux"}';

beforeAll(async () => {
  // what is idle for four seconds is given up; the collector has no grace at all
  registry = await startRegistry({
    config: {
      oci: { unusedBlobHours: 6 / 3600, uploadHours: 6 / 3600, expirySeconds: 1 },
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
  it('an upload ends and a blob goes; what a manifest names stays, and so does what is asked for again and again', async () => {
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
    }, { everyMs: 300 });
    await everywhere(`/v2/${name}/blobs/${unused}`, 404);
    await waitFor('the upload to end', async () => (await client.send(begun)).status === 404, { everyMs: 300 });
    await everywhere(`/v2/${name}/blobs/${named}`, 200);

    // once its manifest is gone a blob is unused as well
    expect((await client.send(`/v2/${name}/manifests/${digestOf(manifest)}`, { method: 'DELETE' })).status).toBe(202);
    await waitFor('the configuration to go', async () => (await client.send(`/v2/${name}/blobs/${named}`)).status === 404, { everyMs: 300 });
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

describe('Copies and moves', () => {
  const copy = (from: string, to: string, as?: { user: string; password: string }): ReturnType<OciClient['send']> =>
    client.send(`/artifactory/api/copy/${from}?to=/${to}`, { method: 'POST', ...(as === undefined ? {} : { as }) });

  it('nothing gets under a digest that is not its own', async () => {
    const name = 'images/digests';
    const [wanted, other] = [await client.pushBlob(name, config), await client.pushBlob(name, 'other bytes')];
    // names both: they are not to be given up meanwhile
    const manifest = JSON.stringify(imageManifest(config, ['other bytes']));
    expect((await client.pushManifest(name, 'v1', manifest)).status).toBe(201);
    const pusher = await makeUser(registry.cluster, 'pusher', 'user');
    const rights = { repo: { repositories: ['images'], actions: { users: { pusher: ['read', 'write'] } } } };
    expect((await client.send('/artifactory/api/v2/security/permissions/pushers', { method: 'PUT', body: JSON.stringify(rights), headers: { 'content-type': 'application/json' } })).status).toBe(201);
    for (const as of [pusher, undefined]) {
      for (const target of [`_blobs/${wanted}`, `_manifests/${digestOf(manifest)}`, `_blobs/${digestOf('never')}`]) {
        const refused = await copy(`${name}/_blobs/${other}`, `${name}/${target}`, as);
        expect([target, refused.status, codesOf(refused)]).toEqual([target, 409, ['CHECKSUM_MISMATCH']]);
      }
      expect(codesOf(await copy(`${name}/_blobs/${other}`, `${name}/v2/manifest.json`, as))).toEqual(['LAYOUT_VIOLATION']);
    }
    expect((await client.send(`/v2/${name}/blobs/${wanted}`)).text()).toBe(config);
    expect((await client.send(`/v2/${name}/manifests/v1`)).text()).toBe(manifest);
  });

  it('an image that is copied out of a cache keeps its layers', async () => {
    const layer = 'a layer of an image that is promoted';
    const manifest = JSON.stringify(imageManifest(config, [layer]));
    for (const blob of [config, layer]) await client.pushBlob('images/origin', blob);
    expect((await client.pushManifest('images/origin', 'v1', manifest)).status).toBe(201);
    const { admin, nodes: [node] } = registry.cluster;
    await makeRepository(registry.cluster, 'mirror', { rclass: 'remote', packageType: 'docker', url: node!.url, username: admin.user, password: admin.password, allowPrivateAddresses: true });
    // by tag, as some clients ask, and by digest, as others do
    for (const path of ['manifests/v1', `blobs/${digestOf(config)}`, `blobs/${digestOf(layer)}`]) expect([path, (await client.send(`/v2/mirror/images/origin/${path}`)).status]).toEqual([path, 200]);
    const kept = async (): Promise<string[]> => ((await client.send('/artifactory/api/storage/mirror/images/origin?list&deep=1')).json() as { files: { uri: string }[] }).files.map(({ uri }) => uri).filter((uri) => !uri.startsWith('/_tags/'));
    // lists are kept beside it, and stay there
    expect((await client.send('/v2/mirror/images/origin/tags/list')).json()).toMatchObject({ tags: ['v1'] });
    await waitFor('the image to be kept', async () => (await kept()).length === 3);
    expect((await copy('mirror/images/origin', 'images/by-tag')).status).toBe(200);
    expect((await client.send(`/v2/mirror/images/origin/manifests/${digestOf(manifest)}`)).status).toBe(200);
    await waitFor('the manifest to be kept', async () => (await kept()).length === 4);
    expect((await copy('mirror/images/origin', 'images/by-digest')).status).toBe(200);
    // a blob that came later, and that nobody needs, goes
    const unused = await client.pushBlob('images/unneeded', 'unneeded');
    await waitFor('the unneeded blob to go', async () => (await client.send(`/v2/images/unneeded/blobs/${unused}`)).status === 404, { timeoutMs: 60_000, everyMs: 300 });
    for (const name of ['by-tag', 'by-digest']) {
      for (const path of ['manifests/v1', `blobs/${digestOf(config)}`, `blobs/${digestOf(layer)}`]) expect([name, path, (await client.send(`/v2/images/${name}/${path}`)).status]).toEqual([name, path, 200]);
    }
    await everywhere(`/v2/images/by-digest/manifests/${digestOf(manifest)}`, 200);
  });
});
