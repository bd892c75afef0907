import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../harness/node-client.ts';
import { startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
beforeAll(async () => {
  node = await startLoneNode({ trustedProxies: ['127.0.0.1'] });
});
afterAll(() => node[Symbol.asyncDispose]());

type As = { readonly user: string; readonly password: string };
const json = { 'content-type': 'application/json' };
let address = 0;
/** Each from an address of its own: the throttle is for other tests. */
const send = (method: string, path: string, body?: unknown, as?: As | string | null): Promise<Answer> => {
  address += 1;
  const headers = { ...(body === undefined ? {} : json), 'x-forwarded-for': `10.${String(address >> 8 & 255)}.${String(address & 255)}.1`, ...(typeof as === 'string' ? { authorization: `Bearer ${as}` } : {}) };
  return node.client.request(path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }), ...(as === undefined ? {} : { as: typeof as === 'string' ? null : as }) });
};
const codeOf = (answer: Answer): string => (answer.json() as { errors: { code: string }[] }).errors[0]?.code ?? '';
const put = (path: string, as?: As | string | null): Promise<number> => send('PUT', path, 'content', as).then(({ status }) => status);
const get = (path: string, as?: As | string | null): Promise<number> => send('GET', path, undefined, as).then(({ status }) => status);

async function addUser(name: string, more: Record<string, unknown> = { role: 'user' }): Promise<As> {
  const password = `password of ${name}`;
  expect((await send('PUT', `/api/security/users/${name}`, { password, ...more })).status).toBe(201);
  return { user: name, password };
}
const target = (name: string, users: Record<string, string[]>, groups: Record<string, string[]> = {}, more: Record<string, unknown> = {}): Promise<Answer> =>
  send('PUT', `/api/v2/security/permissions/${encodeURIComponent(name)}`, { name, repo: { repositories: ['generic-local'], actions: { users, groups }, ...more } });

test('groups: made, joined, listed, removed with what they gave', async () => {
  expect((await send('PUT', '/api/security/groups/dev', { description: 'Developers', autoJoin: true })).status).toBe(201);
  const ann = await addUser('ann', { groups: [] });
  expect((await send('GET', '/api/security/users/ann')).json()).toMatchObject({ role: 'user', groups: ['dev'], locked: false });
  expect((await send('GET', '/api/security/groups/dev?includeUsers=true')).json()).toEqual({
    name: 'dev', description: 'Developers', autoJoin: true, adminPrivileges: false, realm: 'internal', userNames: ['ann'],
  });
  expect((await send('POST', '/api/security/groups/dev', { autoJoin: false })).status).toBe(200);
  expect((await send('GET', '/api/security/groups/dev')).json()).toMatchObject({ description: 'Developers', autoJoin: false });
  expect((await send('GET', '/api/security/groups')).json()).toEqual([{ name: 'dev', uri: 'http://127.0.0.1:8080/artifactory/api/security/groups/dev' }]);
  expect((await target('dev-all', {}, { dev: ['read', 'write'] })).status).toBe(201);
  expect(await put('/generic-local/a/1', ann)).toBe(201);
  expect((await send('DELETE', '/api/security/groups/dev')).status).toBe(200);
  expect([await put('/generic-local/a/2', ann), await get('/generic-local/a/1', ann)]).toEqual([403, 403]);
  expect(codeOf(await send('GET', '/api/security/groups/dev'))).toBe('GROUP_NOT_FOUND');
  expect((await send('GET', '/api/v2/security/permissions/dev-all')).json()).toMatchObject({ repo: { actions: { groups: {} } } });
  expect((await send('GET', '/api/security/groups', undefined, ann)).status).toBe(403);
});

test('a group with admin privileges, for as long as one is in it', async () => {
  const amy = await addUser('amy');
  expect(await get('/api/security/users', amy)).toBe(403);
  expect((await send('PUT', '/api/security/groups/roots', { adminPrivileges: true, userNames: ['amy'] })).status).toBe(201);
  expect(await get('/api/security/users', amy)).toBe(200);
  // nobody becomes an administrator by being new
  for (const [method, name, body] of [['POST', 'roots', { autoJoin: true }], ['PUT', 'roots', { autoJoin: true, adminPrivileges: true }], ['PUT', 'others', { autoJoin: true, adminPrivileges: true }]] as const) {
    const refused = await send(method, `/api/security/groups/${name}`, body);
    expect([refused.status, codeOf(refused)], `${method} ${name}`).toEqual([400, 'BODY_INVALID']);
  }
  expect((await send('GET', '/api/security/groups/roots?includeUsers=true')).json()).toMatchObject({ autoJoin: false, adminPrivileges: true, userNames: ['amy'] });
  expect((await send('POST', '/api/security/users/amy', { groups: [] })).status).toBe(200);
  expect(await get('/api/security/users', amy)).toBe(403);
});

test('targets: both forms say the same, and refuse what is not there', async () => {
  await addUser('bob');
  expect((await send('PUT', '/api/security/groups/readers', {})).status).toBe(201);
  const first = {
    name: 'both', includesPattern: 'org/acme/**,com/**', excludesPattern: 'com/secret/**', repositories: ['generic-local', 'ANY REMOTE'],
    principals: { users: { bob: ['r', 'w', 'm'] }, groups: { readers: ['r', 'n', 'd'] } },
  };
  expect((await send('PUT', '/api/security/permissions/both', first)).status).toBe(201);
  expect((await send('GET', '/api/security/permissions/both')).json()).toEqual({ ...first, principals: { users: { bob: ['r', 'w', 'm'] }, groups: { readers: ['r', 'n', 'd'] } } });
  expect((await send('GET', '/api/v2/security/permissions/both')).json()).toEqual({ name: 'both', repo: {
    'include-patterns': ['org/acme/**', 'com/**'], 'exclude-patterns': ['com/secret/**'], repositories: ['generic-local', 'ANY REMOTE'],
    actions: { users: { bob: ['read', 'write', 'manage'] }, groups: { readers: ['read', 'annotate', 'delete'] } },
  } });
  const refused = async (change: Record<string, unknown>): Promise<string> => codeOf(await send('PUT', '/api/security/permissions/other', { ...first, name: 'other', ...change }));
  expect(await refused({ repositories: ['nowhere'] })).toBe('BODY_INVALID');
  expect(await refused({ principals: { users: { nobody: ['r'] } } })).toBe('BODY_INVALID');
  expect(await refused({ principals: { groups: { none: ['r'] } } })).toBe('BODY_INVALID');
  expect(await refused({ principals: { users: { bob: ['x'] } } })).toBe('BODY_INVALID');
  expect(await refused({ name: 'another' })).toBe('BODY_INVALID');
  expect(codeOf(await send('GET', '/api/security/permissions/other'))).toBe('PERMISSION_TARGET_NOT_FOUND');
  expect(codeOf(await send('POST', '/api/security/permissions/both', first))).toBe('PERMISSION_TARGET_EXISTS');
  expect((await send('GET', '/api/v2/security/permissions')).json()).toContainEqual({ name: 'both', uri: 'http://127.0.0.1:8080/artifactory/api/v2/security/permissions/both' });
  expect((await send('DELETE', '/api/v2/security/permissions/both')).status).toBe(200);
  expect((await send('DELETE', '/api/v2/security/permissions/both')).status).toBe(404);
});

test('who manages a target says who gets it, and nothing else of it', async () => {
  const boss = await addUser('boss');
  await addUser('carl');
  expect((await target('team', { boss: ['manage', 'read'] }, {}, { 'include-patterns': ['team/**'] })).status).toBe(201);
  const change = (more: Record<string, unknown>): Promise<Answer> => send('PUT', '/api/v2/security/permissions/team', {
    repo: { repositories: ['generic-local'], 'include-patterns': ['team/**'], actions: { users: { boss: ['manage', 'read'], carl: ['read'] } }, ...more },
  }, boss);
  expect((await change({})).status).toBe(200);
  expect(codeOf(await change({ 'include-patterns': ['**'] }))).toBe('FORBIDDEN');
  expect(codeOf(await change({ repositories: ['ANY'] }))).toBe('FORBIDDEN');
  expect((await send('DELETE', '/api/v2/security/permissions/team', undefined, boss)).status).toBe(403);
  expect((await send('PUT', '/api/v2/security/permissions/mine', { repo: { repositories: ['ANY'], actions: { users: { boss: ['manage'] } } } }, boss)).status).toBe(403);
  expect((await send('GET', '/api/v2/security/permissions/team', undefined, boss)).status).toBe(200);
});

test('what may not be read is not listed, and a folder goes only when all of it may', async () => {
  const dan = await addUser('dan');
  for (const path of ['x/open/1', 'x/open/2', 'x/closed/1', 'y/1']) expect(await put(`/generic-local/${path}`)).toBe(201);
  expect((await target('open', { dan: ['read', 'delete', 'annotate'] }, {}, { 'include-patterns': ['x/**'], 'exclude-patterns': ['x/closed/**'] })).status).toBe(201);
  const children = (await send('GET', '/api/storage/generic-local/x', undefined, dan)).json() as { children: { uri: string }[] };
  expect(children.children.map(({ uri }) => uri)).toEqual(['/open']);
  const root = (await send('GET', '/api/storage/generic-local', undefined, dan)).json() as { children: { uri: string }[] };
  expect(root.children.map(({ uri }) => uri)).toEqual(['/x']);
  const list = (await send('GET', '/api/storage/generic-local/x?list&deep=1', undefined, dan)).json() as { files: { uri: string }[] };
  expect(list.files.map(({ uri }) => uri)).toEqual(['/open/1', '/open/2']);
  const page = (await send('GET', '/generic-local/x/', undefined, dan)).text();
  expect([page.includes('open/'), page.includes('closed')]).toEqual([true, false]);
  expect(((await send('GET', '/api/repositories', undefined, dan)).json() as { key: string }[]).map(({ key }) => key)).toEqual(['generic-local']);
  expect([await get('/generic-local/x/open/1', dan), await get('/generic-local/x/closed/1', dan), await get('/generic-local/y/', dan)]).toEqual([200, 403, 403]);
  expect([await get('/generic-local/x/open/1.sha1', dan), await get('/generic-local/x/closed/1.sha1', dan)]).toEqual([200, 403]);
  expect((await send('DELETE', '/generic-local/x', undefined, dan)).status).toBe(403);
  expect((await send('POST', '/api/copy/generic-local/x?to=/generic-local/x/open/copy', undefined, dan)).status).toBe(403);
  expect((await send('DELETE', '/generic-local/x/open', undefined, dan)).status).toBe(204);
  expect([await get('/generic-local/x/open/1'), await get('/generic-local/x/closed/1')]).toEqual([404, 200]);
});

test('narrowed tokens do a part of what their user may', async () => {
  const eve = await addUser('eve', { role: 'deployer' });
  const make = (body: Record<string, unknown>, as: As | string = eve): Promise<Answer> => send('POST', '/api/security/token', body, as);
  const { access_token: token, scope } = (await make({ scope: 'artifact:generic-local/e/**:r' })).json() as { access_token: string; scope: string };
  expect([scope, token.startsWith('bhs_')]).toEqual(['artifact:generic-local/e/**:r', true]);
  expect(await put('/generic-local/e/1')).toBe(201);
  expect([await get('/generic-local/e/1', token), await put('/generic-local/e/2', token), await get('/generic-local/x/closed/1', token)]).toEqual([200, 403, 403]);
  expect((await make({}, token)).status).toBe(403);
  expect(codeOf(await make({ scope: 'applied-permissions/admin' }))).toBe('FORBIDDEN');
  expect(codeOf(await make({ scope: 'member-of-groups:readers' }))).toBe('BODY_INVALID');
  expect(codeOf(await make({ scope: 'nonsense' }))).toBe('BODY_INVALID');
  const forAdmin = (await make({ scope: 'artifact:generic-local:*' }, { user: 'admin', password: 'correct horse battery' })).json() as { access_token: string };
  expect([await put('/generic-local/e/3', forAdmin.access_token), await get('/api/security/users', forAdmin.access_token)]).toEqual([201, 403]);
});

test('a token of nobody in particular acts as groups, while an administrator answers for it', async () => {
  expect((await target('ci', {}, { readers: ['read', 'write'] }, { 'include-patterns': ['ci/**'] })).status).toBe(201);
  const answer = await send('POST', '/api/security/token', { username: 'ci-robot', scope: 'member-of-groups:readers' });
  const { access_token: token } = answer.json() as { access_token: string };
  expect([await put('/generic-local/ci/1', token), await put('/generic-local/other', token), await get('/api/security/users', token)]).toEqual([201, 403, 403]);
  expect((await send('GET', '/api/storage/generic-local/ci/1')).json()).toMatchObject({ createdBy: 'token:ci-robot' });
  expect((await send('POST', '/api/security/token', { username: 'ci-robot' })).status).toBe(404);
});

test('a refresh token counts once, and ends what it renews', async () => {
  const fay = await addUser('fay', { role: 'reader' });
  const refresh = (refreshToken: string): Promise<Answer> => send('POST', '/api/security/token', { grant_type: 'refresh_token', refresh_token: refreshToken }, null);
  const first = (await send('POST', '/api/security/token', { refreshable: true, expires_in: 900 }, fay)).json() as { access_token: string; refresh_token: string };
  expect(await get('/generic-local/e/1', first.access_token)).toBe(200);
  const second = (await refresh(first.refresh_token)).json() as { access_token: string; refresh_token: string; expires_in: number };
  expect(second.expires_in).toBe(900);
  expect([await get('/generic-local/e/1', first.access_token), await get('/generic-local/e/1', second.access_token)]).toEqual([401, 200]);
  expect((await refresh(first.refresh_token)).status).toBe(401);
  const both = await Promise.all([refresh(second.refresh_token), refresh(second.refresh_token)]);
  expect(both.map(({ status }) => status).sort()).toEqual([200, 401]);
  expect((await send('POST', '/api/security/users/fay', { disabled: true })).status).toBe(200);
  const last = both.find(({ status }) => status === 200)!.json() as { refresh_token: string };
  expect((await refresh(last.refresh_token)).status).toBe(401);
  expect((await send('POST', '/api/security/token', {}, null)).status).toBe(401);
});

test('API keys: one for each user', async () => {
  const gus = await addUser('gus', { role: 'reader' });
  const made = await send('POST', '/api/security/apiKey', undefined, gus);
  const { apiKey } = made.json() as { apiKey: string };
  expect(made.status).toBe(201);
  expect(await get('/generic-local/e/1', apiKey)).toBe(200);
  expect(codeOf(await send('POST', '/api/security/apiKey', undefined, gus))).toBe('API_KEY_EXISTS');
  const { apiKey: next } = (await send('PUT', '/api/security/apiKey', undefined, gus)).json() as { apiKey: string };
  expect([await get('/generic-local/e/1', apiKey), await get('/generic-local/e/1', next)]).toEqual([401, 200]);
  expect((await send('DELETE', '/api/security/apiKey', undefined, gus)).status).toBe(200);
  expect(await get('/generic-local/e/1', next)).toBe(401);
});

test('failed logins lock the user, from any address, until somebody unlocks', async () => {
  const hal = await addUser('hal', { role: 'reader' });
  expect((await send('PUT', '/api/v1/settings/login-lock', { maxFailedLogins: 4, minutes: 30 })).status).toBe(200);
  const guess = (n: number): Promise<Answer> => send('GET', '/generic-local/e/1', undefined, { ...hal, password: `wrong ${String(n)}` });
  expect([(await guess(1)).status, (await guess(2)).status, (await guess(3)).status]).toEqual([401, 401, 401]);
  expect(await get('/generic-local/e/1', hal)).toBe(200);
  for (let n = 4; n < 8; n += 1) expect(codeOf(await guess(n))).toBe('CREDENTIALS_INVALID');
  const locked = await send('GET', '/generic-local/e/1', undefined, hal);
  expect([locked.status, codeOf(locked)]).toEqual([401, 'USER_LOCKED']);
  expect((await send('GET', '/api/security/lockedUsers')).json()).toEqual(['hal']);
  expect((await send('GET', '/api/security/users/hal')).json()).toMatchObject({ locked: true });
  expect((await send('POST', '/api/security/unlockUsers/hal')).status).toBe(200);
  expect(await get('/generic-local/e/1', hal)).toBe(200);
  expect((await send('POST', '/api/security/unlockUsers/hal', undefined, hal)).status).toBe(403);
  expect((await send('GET', '/api/security/userLockPolicy')).json()).toEqual({ enabled: true, loginAttempts: 4 });
  expect((await send('PUT', '/api/v1/settings/login-lock', { maxFailedLogins: 0 })).status).toBe(200);
});

test('anonymous reading by targets', async () => {
  expect((await send('PUT', '/api/v1/settings/anonymous-read', { enabled: true, everything: false })).status).toBe(200);
  expect((await target('public', { anonymous: ['read'] }, {}, { 'include-patterns': ['e/**'] })).status).toBe(201);
  expect([await get('/generic-local/e/1', null), await get('/generic-local/y/1', null)]).toEqual([200, 401]);
  expect((await send('GET', '/api/v2/security/permissions/public')).json()).toMatchObject({ repo: { actions: { users: { anonymous: ['read'] } } } });
  expect((await send('PUT', '/api/v1/settings/anonymous-read', { enabled: false })).status).toBe(200);
  expect(await get('/generic-local/e/1', null)).toBe(401);
});

test('the explanation names every rule, and what is missing', async () => {
  const ida = await addUser('ida', { groups: ['readers'] });
  const explain = async (query: string, as?: As): Promise<Record<string, unknown>> => (await send('GET', `/api/v1/access/explain?${query}`, undefined, as)).json() as Record<string, unknown>;
  expect(await explain('user=ida&repository=generic-local&path=ci/x&action=read')).toMatchObject({
    allowed: true, reasons: [{ kind: 'target', target: 'ci', group: 'readers', pattern: 'ci/**' }], missing: [],
  });
  expect(await explain('user=ida&repository=generic-local&path=ci/x&action=delete', ida)).toMatchObject({ allowed: false, reasons: [], missing: [{ target: 'ci', lacks: 'action' }] });
  expect(await explain('user=ida&repository=generic-local&path=z&action=read')).toMatchObject({ allowed: false, missing: [{ lacks: 'path' }] });
  expect(await explain('user=ida&repository=nowhere&path=z&action=read')).toMatchObject({ allowed: false, missing: [{ lacks: 'repository' }] });
  expect(await explain('user=admin&repository=generic-local&path=z&action=manage')).toMatchObject({ allowed: true, reasons: [{ kind: 'role', role: 'admin' }] });
  expect((await send('GET', '/api/v1/access/explain?user=admin&action=read', undefined, ida)).status).toBe(403);
  expect(codeOf(await send('GET', '/api/v1/access/explain?user=nobody&action=read'))).toBe('USER_NOT_FOUND');
});

test('a refusal names the path as it was asked, in the answer and in the audit log', async () => {
  const liz = await addUser('liz');
  expect((await target('liz', { liz: ['read'] }, {}, { 'include-patterns': ['liz/**'] })).status).toBe(201);
  expect(await put('/generic-local/others/c.sh')).toBe(201);
  const messages = async (method: string, path: string): Promise<string> => ((await send(method, path, undefined, liz)).json() as { errors: { message: string }[] }).errors[0]?.message ?? '';
  for (const [method, path, verb, named] of [
    ['GET', '/generic-local/others/c.sh', 'read', 'others/c.sh'], ['GET', '/generic-local/others/c.sh.sha1', 'read', 'others/c.sh'], ['GET', '/generic-local/others/', 'read', 'others/'],
    ['GET', '/api/storage/generic-local/others/c.sh', 'read', 'others/c.sh'], ['GET', '/api/storage/generic-local/others/c.sh?list', 'read', 'others/c.sh'],
    ['DELETE', '/generic-local/others/c.sh', 'delete', 'others/c.sh'], ['POST', '/api/copy/generic-local/others/c.sh?to=/generic-local/liz/c.sh', 'read', 'others/c.sh'],
    ['PUT', '/generic-local/others/c.sh', 'deploy', 'others/c.sh'],
  ] as const) expect([method, path, await messages(method, path)]).toEqual([method, path, `liz (user) may not ${verb} in generic-local/${named}`]);
  await expect.poll(async () => ((await send('GET', '/api/v1/audit?user=liz&action=delete')).json() as { entries: { path: string }[] }).entries.map(({ path }) => path)).toEqual(['others/c.sh']);
});

test('who manages a remote repository sends nothing through a proxy that no administrator has chosen', async () => {
  const boss = await addUser('remote-boss');
  expect((await send('PUT', '/api/repositories/far', { rclass: 'remote', packageType: 'generic', url: 'https://upstream.invalid' })).status).toBe(200);
  expect((await target('far', { 'remote-boss': ['manage', 'read'] }, {}, { repositories: ['far'] })).status).toBe(201);
  const change = async (fields: Record<string, unknown>, as?: As): Promise<number> => (await send('POST', '/api/repositories/far', fields, as)).status;
  const settings = async (): Promise<Record<string, unknown>> => (await send('GET', '/api/repositories/far')).json() as Record<string, unknown>;
  expect(await change({ description: 'by the boss' }, boss)).toBe(200);
  // this very host, the metadata service of a cloud: what a proxy is connected at passes no address rule
  for (const proxy of ['http://127.0.0.1:8081', 'http://169.254.169.254', 'http://proxy.example.org:3128']) expect([proxy, await change({ proxy }, boss)]).toEqual([proxy, 403]);
  expect(await settings()).toMatchObject({ description: 'by the boss', proxy: '' });
  expect(await change({ proxy: 'http://proxy.example.org:3128' })).toBe(200);
  expect(await change({ description: 'still by the boss', socketTimeoutMillis: 5000 }, boss)).toBe(200);
  expect(await settings()).toMatchObject({ description: 'still by the boss', proxy: 'http://proxy.example.org:3128' });
  expect(await change({ proxy: '' }, boss)).toBe(200);
});

test('npm logs in with an access token in place of the password, and goes on with that', async () => {
  const nora = await addUser('nora');
  expect((await send('PUT', '/api/repositories/npm-logins', { rclass: 'local', packageType: 'npm' })).status).toBe(200);
  const made = (await send('POST', '/api/security/token', {}, nora)).json() as { access_token: string };
  const login = (name: string, password: string): Promise<Answer> => send('PUT', `/api/npm/npm-logins/-/user/org.couchdb.user:${name}`, { name, password }, null);
  // more often than wrong passwords are let through
  for (let round = 0; round < 12; round += 1) {
    const answer = await login('nora', made.access_token);
    expect([answer.status, answer.json()]).toEqual([201, { ok: true, id: 'org.couchdb.user:nora', rev: '1', token: made.access_token }]);
  }
  expect((await send('GET', '/api/npm/npm-logins/-/whoami', undefined, made.access_token)).json()).toEqual({ username: 'nora' });
  expect((await send('GET', '/api/security/users/nora')).json()).toMatchObject({ locked: false });
  await addUser('nick');
  expect((await login('nick', made.access_token)).status).toBe(401);
  expect((await send('DELETE', `/api/npm/npm-logins/-/user/token/${made.access_token}`, undefined, made.access_token)).status).toBe(200);
  expect((await login('nora', made.access_token)).status).toBe(401);
});
