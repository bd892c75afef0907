import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
const json = { 'content-type': 'application/json' };
beforeAll(async () => { node = await startLoneNode(); });
afterAll(() => node[Symbol.asyncDispose]());

const put = async (path: string, body: unknown): Promise<void> => {
  const answer = await node.client.put(path, JSON.stringify(body), { headers: json });
  expect([path, answer.status < 300, answer.text()]).toEqual([path, true, answer.text()]);
};

test('tells what targets give at a path', async () => {
  await put('/api/security/users/eve', { password: 'a long enough password', role: 'user' });
  await put('/api/security/groups/crew', {});
  await put('/api/v2/security/permissions/all', { repo: { repositories: ['ANY LOCAL'], actions: { groups: { crew: ['read'] } } } });
  await put('/api/v2/security/permissions/part', { repo: { repositories: ['generic-local'], 'include-patterns': ['a/**'], 'exclude-patterns': ['a/secret/**'], actions: { users: { eve: ['read', 'write', 'manage'] }, groups: { crew: ['delete'] } } } });
  await put('/api/v2/security/permissions/elsewhere', { repo: { repositories: ['maven-releases'], actions: { users: { eve: ['delete'] } } } });
  for (const path of ['a/file', 'a/secret/file', 'b/file']) await node.client.put(`/generic-local/${path}`, path);
  const principals = async (path: string): Promise<unknown> => ((await node.client.get(`/api/storage/generic-local${path}?permissions`)).json() as { principals: unknown }).principals;
  expect(await principals('/a/file')).toEqual({ users: { eve: ['r', 'w', 'm'] }, groups: { crew: ['r', 'd'] } });
  expect(await principals('/a/secret/file')).toEqual({ users: {}, groups: { crew: ['r'] } });
  expect(await principals('/b')).toEqual({ users: {}, groups: { crew: ['r'] } });
  const as = { user: 'eve', password: 'a long enough password' };
  expect((await node.client.get('/api/storage/generic-local/a/file?permissions', { as })).status).toBe(200);
  expect((await node.client.get('/api/storage/generic-local/b/file?permissions', { as })).status).toBe(403);
  expect((await node.client.get('/api/storage/generic-local/none?permissions')).status).toBe(404);
  expect((await node.client.get('/api/storage/generic-local/a/file')).json()).toMatchObject({ path: '/a/file' });
});

test('the folder of an image goes into the trash can as a whole, and comes back as one', async () => {
  await put('/api/repositories/images', { rclass: 'local', packageType: 'docker' });
  const digest = `sha256:${createHash('sha256').update('{}').digest('hex')}`;
  const manifest = JSON.stringify({ schemaVersion: 2, mediaType: 'application/vnd.oci.image.manifest.v1+json', config: { mediaType: 'application/vnd.oci.empty.v1+json', digest, size: 2 }, layers: [] });
  const base = '/api/docker/images/v2/team/app';
  const send = (method: string, path: string, body: string | undefined, type: string): Promise<{ status: number }> =>
    node.client.request(path, { method, ...(body === undefined ? {} : { body }), headers: { 'content-type': type } });
  expect((await send('POST', `${base}/blobs/uploads/?digest=${digest}`, '{}', 'application/octet-stream')).status).toBe(201);
  expect((await send('PUT', `${base}/manifests/latest`, manifest, 'application/vnd.oci.image.manifest.v1+json')).status).toBe(201);
  expect((await node.client.request('/images/team/app', { method: 'DELETE' })).status).toBe(204);
  expect((await node.client.get(`${base}/manifests/latest`)).status).toBe(404);
  const restored = await node.client.request('/api/trash/restore/images/team/app', { method: 'POST' });
  expect([restored.status < 300, restored.text()]).toEqual([true, restored.text()]);
  expect((await node.client.get(`${base}/manifests/latest`)).text()).toBe(manifest);
  expect((await node.client.get(`${base}/blobs/${digest}`)).text()).toBe('{}');
});
