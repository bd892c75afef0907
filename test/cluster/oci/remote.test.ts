import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { codesOf, descriptor, digestOf, header, imageManifest, imageType, indexType, OciClient } from './oci-client.ts';
import { makeRepository, startRegistry, type TestRegistry } from './registry.ts';
import { startUpstreamRegistry, type UpstreamRegistry } from './upstream-registry.ts';

/** Remote and virtual repositories of images, in front of the reference implementation of a registry. */
let registry: TestRegistry;
let upstream: UpstreamRegistry;
let client: OciClient;
const config = '{"architecture":"amd64","os":"linux"}';
const layer = randomBytes(2_500_000);
const image = JSON.stringify(imageManifest(config, [layer]));

beforeAll(async () => {
  [registry, upstream] = await Promise.all([startRegistry(), startUpstreamRegistry()]);
  ({ client } = registry);
  await using there = new OciClient([upstream], { user: 'x', password: 'x' });
  for (const blob of [config, layer]) await there.pushBlob('team/app', blob);
  for (const tag of ['1.0', '1.1', 'latest']) expect((await there.pushManifest('team/app', tag, image)).status).toBe(201);
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [{ ...descriptor(imageType, image), platform: { os: 'linux', architecture: 'amd64' } }] };
  expect((await there.pushManifest('team/app', 'multi', index, indexType)).status).toBe(201);
  await makeRepository(registry.cluster, 'hub', { rclass: 'remote', packageType: 'docker', url: upstream.url, allowPrivateAddresses: true, retrievalCachePeriodSecs: 0, assumedOfflinePeriodSecs: 0 });
  await makeRepository(registry.cluster, 'all', { rclass: 'virtual', packageType: 'docker', repositories: ['images', 'hub'], defaultDeploymentRepo: 'images' });
});
afterAll(async () => {
  await upstream[Symbol.asyncDispose]();
  await registry[Symbol.asyncDispose]();
});

const pulls = async (name: string, reference = '1.0'): Promise<void> => {
  for (const _node of registry.cluster.nodes) {
    const got = await client.send(`/v2/${name}/manifests/${reference}`);
    expect([name, got.status, header(got, 'content-type'), header(got, 'docker-content-digest'), got.text()]).toEqual([name, 200, imageType, digestOf(image), image]);
    const head = await client.send(`/v2/${name}/manifests/${reference}`, { method: 'HEAD' });
    expect([head.status, header(head, 'docker-content-digest'), header(head, 'content-length')]).toEqual([200, digestOf(image), String(image.length)]);
    const blob = await client.send(`/v2/${name}/blobs/${digestOf(layer)}`);
    expect([blob.status, header(blob, 'docker-content-digest'), digestOf(blob.body)]).toEqual([200, digestOf(layer), digestOf(layer)]);
  }
};

it('pulls through a remote repository by tag and by digest', async () => {
  await pulls('hub/team/app');
  await pulls('hub/team/app', digestOf(image));
  const index = await client.send('/v2/hub/team/app/manifests/multi');
  expect([index.status, header(index, 'content-type'), header(index, 'docker-content-digest')]).toEqual([200, indexType, digestOf(index.body)]);
  expect((await client.send('/v2/hub/team/app/manifests/none')).status).toBe(404);
  expect((await client.send('/v2/hub/team/none/manifests/latest')).status).toBe(404);
  expect((await client.send(`/v2/hub/team/app/blobs/${digestOf('none')}`)).status).toBe(404);
});

it('lists the tags of upstream', async () => {
  for (const _node of registry.cluster.nodes) expect((await client.send('/v2/hub/team/app/tags/list')).json()).toEqual({ name: 'hub/team/app', tags: ['1.0', '1.1', 'latest', 'multi'] });
  expect((await client.send(`/v2/hub/team/app/referrers/${digestOf(image)}`)).json()).toMatchObject({ manifests: [] });
});

it('a tag that moves upstream moves here', async () => {
  await using there = new OciClient([upstream], { user: 'x', password: 'x' });
  const other = JSON.stringify(imageManifest(config, [layer], { annotations: { other: 'yes' } }));
  expect((await client.send('/v2/hub/team/app/manifests/latest')).text()).toBe(image);
  expect((await there.pushManifest('team/app', 'latest', other)).status).toBe(201);
  for (const _node of registry.cluster.nodes) expect((await client.send('/v2/hub/team/app/manifests/latest')).text()).toBe(other);
});

it('takes nothing', async () => {
  for (const [method, path] of [['POST', 'blobs/uploads/'], ['PUT', 'manifests/x'], ['DELETE', 'manifests/1.0']] as const) {
    const answer = await client.send(`/v2/hub/team/app/${path}`, { method, ...(method === 'PUT' ? { body: image, headers: { 'content-type': imageType } } : {}) });
    expect([method, answer.status >= 400 && answer.status < 500, codesOf(answer)]).toEqual([method, true, [method === 'DELETE' ? 'UNSUPPORTED' : 'DENIED']]);
  }
});

it('a virtual repository pulls from its members in order, lists the tags of all, and pushes to its deployment repository', async () => {
  await pulls('all/team/app');
  for (const blob of [config, layer]) {
    // known to the remote member only: whoever may push is told that it is there, and then it is where the push goes
    const head = await client.send(`/v2/all/team/app/blobs/${digestOf(blob)}`, { method: 'HEAD' });
    if (head.status === 404) await client.pushBlob('all/team/app', blob);
  }
  const own = JSON.stringify(imageManifest(config, [layer], { annotations: { own: 'yes' } }));
  const put = await client.pushManifest('all/team/app', '1.0', own);
  expect([put.status, header(put, 'location'), put.text()]).toEqual([201, '/v2/all/team/app/manifests/1.0', '']);
  expect((await client.pushManifest('all/team/app', 'ours', own)).status).toBe(201);
  for (const _node of registry.cluster.nodes) {
    expect((await client.send('/v2/all/team/app/manifests/1.0')).text()).toBe(own);
    expect((await client.send('/v2/images/team/app/manifests/1.0')).text()).toBe(own);
    expect((await client.send('/v2/hub/team/app/manifests/1.0')).text()).toBe(image);
    expect((await client.send('/v2/all/team/app/tags/list')).json()).toEqual({ name: 'all/team/app', tags: ['1.0', '1.1', 'latest', 'multi', 'ours'] });
  }
});

it('serves what it keeps when upstream is gone', async () => {
  await upstream.stop();
  await pulls('hub/team/app');
  await pulls('hub/team/app', digestOf(image));
  expect((await client.send('/v2/hub/team/app/tags/list')).json()).toEqual({ name: 'hub/team/app', tags: ['1.0', '1.1', 'latest', 'multi'] });
  const unknown = await client.send(`/v2/hub/team/app/blobs/${digestOf('never asked')}`);
  expect([404, 502]).toContain(unknown.status);
});
