import { afterAll, beforeAll, expect, it } from 'vitest';
import { admin, startLoneNode, type LoneNode } from '../edge/lone-node.ts';
import { publish } from './registry.ts';

let node: LoneNode;
const json = { 'content-type': 'application/json' };
const password = 'a long enough password';

async function make(kind: string, key: string, body: unknown): Promise<void> {
  const { status } = await node.client.request(`/api/${kind}/${key}`, { method: 'PUT', body: JSON.stringify(body), headers: json });
  expect([key, status < 300]).toEqual([key, true]);
}

beforeAll(async () => {
  node = await startLoneNode();
  for (const key of ['near', 'far']) await make('repositories', key, { rclass: 'local', packageType: 'npm' });
  await make('repositories', 'all', { rclass: 'virtual', packageType: 'npm', repositories: ['near', 'far'], defaultDeploymentRepo: 'near' });
  await make('repositories', 'readonly', { rclass: 'virtual', packageType: 'npm', repositories: ['near', 'far'] });
  expect((await publish(node.client, 'near', { name: 'open', version: '1.0.0' })).status).toBe(201);
  expect((await publish(node.client, 'far', { name: 'secret', version: '1.0.0' })).status).toBe(201);
  for (const [name, repository, actions] of [['rita', 'near', ['read']], ['wim', 'near', ['read', 'write']], ['fay', 'far', ['read', 'write']], ['mia', 'all', ['manage']]] as const) {
    await make('security/users', name, { password, role: 'user' });
    await make('v2/security/permissions', name, { name, repo: { repositories: [repository], actions: { users: { [name]: actions } } } });
  }
});
afterAll(() => node[Symbol.asyncDispose]());

const ask = async (repository: string, path: string, user?: string): Promise<unknown> =>
  (await node.client.get(`/api/npm/${repository}/-/${path}`, user === undefined ? {} : { as: { user, password } })).json();
const admins = (access: string): Record<string, string> => ({ [admin.user]: access });

it('tells of packages behind a virtual repository only to who may read the member that holds them', async () => {
  expect(await ask('all', 'user/rita/package', 'rita')).toEqual({ open: 'read' });
  expect(await ask('all', 'user/rita/package')).toEqual({ open: 'read' });
  expect(await ask('all', 'user/wim/package', 'wim')).toEqual({ open: 'write' });
  expect(await ask('all', 'user/fay/package', 'fay')).toEqual({ secret: 'read' });
  expect(await ask('all', `user/${admin.user}/package`)).toEqual({ open: 'write', secret: 'write' });
});

it('names those who may read the member that holds the package, or publish to the one that takes it', async () => {
  expect(await ask('all', 'package/secret/collaborators')).toEqual({ ...admins('write'), wim: 'write', fay: 'read' });
  expect(await ask('all', 'package/open/collaborators')).toEqual({ ...admins('write'), rita: 'read', wim: 'write' });
  expect(await ask('far', 'package/secret/collaborators')).toEqual({ ...admins('write'), fay: 'write' });
});

it('lets nobody publish where nothing can be published', async () => {
  expect(await ask('readonly', 'package/secret/collaborators')).toEqual({ ...admins('read'), fay: 'read' });
  expect(await ask('readonly', `user/${admin.user}/package`)).toEqual({ open: 'read', secret: 'read' });
});

it('hides from who manages the virtual repository what they may not read', async () => {
  expect(await ask('all', 'package/secret/collaborators', 'mia')).toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
});
