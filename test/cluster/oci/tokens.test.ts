import { afterAll, beforeAll, expect, it } from 'vitest';
import { codesOf, digestOf, header, imageManifest, imageType, type OciClient } from './oci-client.ts';
import { makeUser, startRegistry, type TestRegistry } from './registry.ts';

/** Token authentication as Docker's clients use it: a 401 says where a token can be had, and for what. */
let registry: TestRegistry;
let client: OciClient;
let root: string;
const config = '{"architecture":"amd64","os":"linux"}';
const manifest = JSON.stringify(imageManifest(config, []));

beforeAll(async () => {
  registry = await startRegistry();
  ({ client } = registry);
  root = registry.cluster.nodes[0]?.url ?? '';
  for (const name of ['images/a', 'images/b']) {
    await client.pushBlob(name, config);
    await client.pushManifest(name, 'v1', manifest);
  }
});
afterAll(() => registry[Symbol.asyncDispose]());

type Login = { user: string; password: string } | null;
const asks = async (path: string, login: Login, status = 200): Promise<string> => {
  const answer = await client.send(path, { as: login });
  expect([path, answer.status]).toEqual([path, status]);
  if (status !== 200) return '';
  const { token, access_token: same, expires_in: seconds, issued_at: issued } = answer.json() as { token: string; access_token: string; expires_in: number; issued_at: string };
  expect([same, seconds, Number.isNaN(Date.parse(issued))]).toEqual([token, 300, false]);
  return token;
};
const withToken = (token: string): { as: null; headers: Record<string, string> } => ({ as: null, headers: { authorization: `Bearer ${token}` } });
const challenges = async (path: string, method = 'GET'): Promise<string | undefined> => {
  const answer = await client.send(path, { method, as: null });
  expect([path, answer.status]).toEqual([path, 401]);
  return header(answer, 'www-authenticate');
};

it('a 401 names the token for what was wanted', async () => {
  const service = new URL(root).host;
  const v2 = `Bearer realm="${root}/v2/token",service="${service}"`;
  expect(await challenges('/v2/')).toBe(v2);
  expect(await challenges('/v2/images/a/manifests/v1')).toBe(`${v2},scope="repository:images/a:pull"`);
  expect(await challenges('/v2/images/a/blobs/uploads/', 'POST')).toBe(`${v2},scope="repository:images/a:pull,push"`);
  expect(await challenges('/v2/images/a/manifests/v1', 'DELETE')).toBe(`${v2},scope="repository:images/a:delete"`);
  expect(await challenges('/v2/_catalog')).toBe(`${v2},scope="registry:catalog:*"`);
  expect(await challenges('/artifactory/api/docker/images/v2/a/tags/list'))
    .toBe(`Bearer realm="${root}/artifactory/api/docker/images/v2/token",service="${service}",scope="repository:a:pull"`);
});

it('a token is good for what it was asked for, on every node, and for nothing else', async () => {
  const pull = withToken(await asks('/v2/token?service=x&scope=repository:images/a:pull', registry.cluster.admin));
  for (const _node of registry.cluster.nodes) {
    expect((await client.send('/v2/', pull)).status).toBe(200);
    expect((await client.send('/v2/images/a/manifests/v1', pull)).text()).toBe(manifest);
    expect((await client.send(`/v2/images/a/blobs/${digestOf(config)}`, { ...pull, method: 'HEAD' })).status).toBe(200);
    expect((await client.send('/v2/images/a/tags/list', pull)).status).toBe(200);
  }
  for (const [method, path] of [['GET', 'images/b/manifests/v1'], ['POST', 'images/a/blobs/uploads/'], ['DELETE', 'images/a/manifests/v1']] as const) {
    const refused = await client.send(`/v2/${path}`, { ...pull, method });
    expect([path, refused.status, codesOf(refused)]).toEqual([path, 401, ['DENIED']]);
    expect(header(refused, 'www-authenticate')).toContain('error="insufficient_scope"');
  }
  // no way around it
  expect((await client.send('/artifactory/images/b/v1/manifest.json', pull)).status).toBe(403);
  expect((await client.send('/artifactory/api/security/users', pull)).status).toBe(403);

  const push = withToken(await asks('/artifactory/api/docker/images/v2/token?scope=repository:a:pull,push', registry.cluster.admin));
  const again = JSON.stringify(imageManifest(config, [], { annotations: { again: 'yes' } }));
  for (const bytes of [again, manifest]) {
    const put = await client.send('/artifactory/api/docker/images/v2/a/manifests/v1', { method: 'PUT', body: bytes, as: null, headers: { ...push.headers, 'content-type': imageType } });
    expect(put.status).toBe(201);
  }
  expect((await client.send(`/v2/images/a/manifests/${digestOf(again)}`, { ...push, method: 'DELETE' })).status).toBe(401);
  const all = withToken(await asks('/v2/token?scope=repository:images/a:*&scope=repository:images/b:pull', registry.cluster.admin));
  expect((await client.send('/v2/images/b/manifests/v1', all)).status).toBe(200);
  expect((await client.send(`/v2/images/a/manifests/${digestOf(again)}`, { ...all, method: 'DELETE' })).status).toBe(202);
  const catalog = withToken(await asks('/v2/token?scope=registry:catalog:*', registry.cluster.admin));
  expect((await client.send('/v2/_catalog', catalog)).json()).toEqual({ repositories: ['images/a', 'images/b'] });
});

it('never gives more than its user has, and ends with what it stands on', async () => {
  const reader = await makeUser(registry.cluster, 'token-reader', 'reader');
  const token = withToken(await asks('/v2/token?scope=repository:images/a:pull,push', reader));
  expect((await client.send('/v2/images/a/manifests/v1', token)).status).toBe(200);
  expect((await client.send('/v2/images/a/blobs/uploads/', { ...token, method: 'POST' })).status).toBe(401);
  expect((await client.send('/v2/token?scope=repository:images/a:pull', token)).status).toBe(401);
  const changed = await registry.cluster.nodes[0]?.client.request('/api/security/users/token-reader', {
    method: 'POST', body: JSON.stringify({ password: 'another-password-2' }), headers: { 'content-type': 'application/json' },
  });
  expect(changed?.status).toBe(200);
  for (const _node of registry.cluster.nodes) expect((await client.send('/v2/images/a/manifests/v1', token)).status).toBe(401);
});

it('a permission target for the paths of an image is one for the image', async () => {
  const team = await makeUser(registry.cluster, 'team-user', 'user');
  const target = { name: 'team', repo: { repositories: ['images'], 'include-patterns': ['team/**'], actions: { users: { 'team-user': ['read', 'write', 'delete'] } } } };
  const made = await registry.cluster.nodes[0]?.client.put('/api/v2/security/permissions/team', JSON.stringify(target), { headers: { 'content-type': 'application/json' } });
  expect([made?.status, (made?.status ?? 0) < 300 ? '' : made?.text()]).toEqual([made?.status, '']);
  for (const login of [{ as: team, headers: {} }, withToken(await asks('/v2/token?scope=repository:images/team/app:pull,push', team))]) {
    const pushed = await client.send(`/v2/images/team/app/blobs/uploads/?digest=${digestOf(config)}`, { ...login, method: 'POST', body: config });
    expect(pushed.status).toBe(201);
    const begun = await client.send('/v2/images/team/app/blobs/uploads/', { ...login, method: 'POST' });
    expect(begun.status).toBe(202);
    expect((await client.send(header(begun, 'location') ?? '', { ...login, method: 'DELETE' })).status).toBe(204);
    const put = await client.send('/v2/images/team/app/manifests/v1', { ...login, method: 'PUT', body: manifest, headers: { ...login.headers, 'content-type': imageType } });
    expect([put.status, put.text()]).toEqual([201, '']);
    expect((await client.send('/v2/images/team/app/manifests/v1', login)).text()).toBe(manifest);
    expect((await client.send('/v2/images/team/app/tags/list', login)).status).toBe(200);
  }
  for (const [method, path] of [['GET', 'a/manifests/v1'], ['GET', 'a/tags/list'], ['POST', 'a/blobs/uploads/']] as const) {
    expect([path, (await client.send(`/v2/images/${path}`, { as: team, method })).status]).toEqual([path, 403]);
  }
  expect((await client.send('/v2/_catalog', { as: team })).json()).toEqual({ repositories: ['images/team/app'] });
});

it('a login alone gets a token that shows who it is; without one there is none', async () => {
  const token = withToken(await asks('/v2/token?service=x&account=admin&client_id=docker&offline_token=true', registry.cluster.admin));
  expect((await client.send('/v2/', token)).status).toBe(200);
  expect((await client.send('/v2/images/a/manifests/v1', token)).status).toBe(401);
  const catalog = await client.send('/v2/_catalog', token);
  expect([catalog.status, header(catalog, 'www-authenticate')]).toEqual([
    401, `Bearer realm="${root}/v2/token",service="${new URL(root).host}",scope="registry:catalog:*",error="insufficient_scope"`,
  ]);
  await asks('/v2/token?scope=repository:images/a:pull', null, 401);
  const refused = await client.send('/v2/token?service=x', { as: { user: 'admin', password: 'wrong' } });
  expect([refused.status, codesOf(refused)]).toEqual([401, ['UNAUTHORIZED']]);
  await asks('/v2/token?scope=repository:images/a:pull', { user: 'admin', password: 'wrong' }, 401);
  const forged = await client.send('/v2/images/a/manifests/v1', withToken(`bhd_${Buffer.from('{}').toString('base64url')}.${'A'.repeat(43)}`));
  expect([forged.status, codesOf(forged)]).toEqual([401, ['UNAUTHORIZED']]);
});

it('where anybody may read, a token can be had without a login', async () => {
  const { admin, nodes } = registry.cluster;
  const set = async (enabled: boolean): Promise<void> => {
    const answer = await nodes[0]?.client.put('/api/v1/settings/anonymous-read', JSON.stringify({ enabled }), { headers: { 'content-type': 'application/json' } });
    expect(answer?.status).toBe(200);
  };
  await set(true);
  try {
    // clients look here whether to log in at all
    expect(await challenges('/v2/')).toContain('Bearer');
    const token = withToken(await asks('/v2/token?scope=repository:images/a:pull,push', null));
    expect((await client.send('/v2/images/a/manifests/v1', token)).status).toBe(200);
    expect((await client.send('/v2/images/a/blobs/uploads/', { ...token, method: 'POST' })).status).toBe(401);
    expect((await client.send('/v2/images/a/manifests/v1', { as: admin })).status).toBe(200);
  } finally {
    await set(false);
  }
});

it('the form of OAuth 2', async () => {
  const { user, password } = registry.cluster.admin;
  const post = (fields: Record<string, string>): ReturnType<OciClient['send']> => client.send('/v2/token', {
    method: 'POST', as: null, body: new URLSearchParams(fields).toString(), headers: { 'content-type': 'application/x-www-form-urlencoded' },
  });
  const answer = await post({ grant_type: 'password', service: 'x', client_id: 'containerd', username: user, password, scope: 'repository:images/a:pull' });
  expect(answer.status).toBe(200);
  const { access_token: token } = answer.json() as { access_token: string };
  expect((await client.send('/v2/images/a/manifests/v1', withToken(token))).status).toBe(200);
  expect((await post({ grant_type: 'password', username: user, password: 'wrong' })).status).toBe(401);
  expect((await post({ grant_type: 'other' })).status).toBe(400);
});
