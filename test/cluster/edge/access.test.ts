import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { authorize } from '../../../server-bundle/security/authorize.ts';
import { admin, startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
beforeAll(async () => {
  node = await startLoneNode({ trustedProxies: ['127.0.0.1'] }, [(app) => {
    app.get('/artifactory/api/test/*', (request) => {
      authorize(request.principal, 'read', 'files', null);
      return { user: request.principal.name, via: request.principal.via, replay: request.replayKey };
    });
    app.put('/artifactory/api/test/*', (request) => {
      authorize(request.principal, 'deploy', 'files', null);
      return { user: request.principal.name };
    });
  }]);
});
afterAll(() => node[Symbol.asyncDispose]());

/** Each test comes from an address of its own, so that failed logins of one do not throttle another. */
let address = 1;
beforeEach(() => { address += 1; });
const from = (headers: Record<string, string> = {}): { headers: Record<string, string> } => ({ headers: { 'x-forwarded-for': `10.1.0.${String(address)}`, ...headers } });
const basic = (user: string, password: string): string => `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const codeOf = (answer: { json(): unknown }): string => (answer.json() as { errors: { code: string }[] }).errors[0]?.code ?? '';

async function addUser(name: string, body: Record<string, unknown> = {}): Promise<{ user: string; password: string }> {
  const password = `password of ${name}`;
  const answer = await node.client.request(`/api/security/users/${name}`, {
    method: 'PUT', body: JSON.stringify({ password, ...body }), ...from({ 'content-type': 'application/json' }),
  });
  expect([answer.status, answer.text()]).toEqual([201, '']);
  return { user: name, password };
}

test('without credentials there is a challenge, with wrong ones another code', async () => {
  const nobody = await node.client.get('/api/test/a', { as: null, ...from() });
  expect([nobody.status, codeOf(nobody), nobody.headers['www-authenticate']]).toEqual([401, 'AUTHENTICATION_REQUIRED', 'Basic realm="Bulkhead", charset="UTF-8"']);
  const wrong = await node.client.get('/api/test/a', { as: { user: 'admin', password: 'guess' }, ...from() });
  expect([wrong.status, codeOf(wrong)]).toEqual([401, 'CREDENTIALS_INVALID']);
  const unknown = await node.client.get('/api/test/a', { as: { user: 'nobody', password: 'guess' }, ...from() });
  expect([unknown.status, codeOf(unknown)]).toEqual([401, 'CREDENTIALS_INVALID']);
  const digest = await node.client.get('/api/test/a', { as: null, ...from({ authorization: 'Digest x' }) });
  expect(digest.status).toBe(401);
});

test('who is said to be no administrator may nothing by that, and stays what a role has made of them', async () => {
  const scripted = await addUser('scripted', { admin: false, email: 'build@ci' });
  const mine = async (): Promise<unknown> => (await node.client.get('/api/security/users/scripted', from())).json();
  expect(await mine()).toMatchObject({ role: 'user', admin: false, email: 'build@ci' });
  expect((await node.client.get('/generic-local/x', { as: scripted, ...from() })).status).toBe(403);
  for (const [sent, role] of [[{ role: 'deployer' }, 'deployer'], [{ admin: false }, 'deployer'], [{ admin: true }, 'admin'], [{ admin: false }, 'user']] as const) {
    expect((await node.client.post('/api/security/users/scripted', sent, from())).status).toBe(200);
    expect(await mine()).toMatchObject({ role });
  }
  // a script that puts the user again takes nothing away
  for (const role of ['user', 'deployer', 'reader'] as const) {
    expect((await node.client.post('/api/security/users/scripted', { role }, from())).status).toBe(200);
    await addUser('scripted', { name: 'scripted', admin: false });
    expect(await mine()).toMatchObject({ role });
  }
  await addUser('scripted', { admin: true });
  await addUser('scripted', { admin: false });
  expect(await mine()).toMatchObject({ role: 'user', admin: false });
});

test('roles decide', async () => {
  const reader = await addUser('roles-reader');
  const deployer = await addUser('roles-deployer', { role: 'deployer', email: 'd@example.org' });
  expect((await node.client.get('/api/test/a', { as: reader, ...from() })).status).toBe(200);
  const refused = await node.client.put('/api/test/a', 'x', { as: reader, ...from({ 'content-type': 'application/json' }) });
  expect([refused.status]).toEqual([400]);
  const forbidden = await node.client.put('/api/test/a', '{}', { as: reader, ...from({ 'content-type': 'application/json' }) });
  expect([forbidden.status, codeOf(forbidden)]).toEqual([403, 'FORBIDDEN']);
  expect((await node.client.put('/api/test/a', '{}', { as: deployer, ...from({ 'content-type': 'application/json' }) })).status).toBe(200);
  expect((await node.client.get('/api/security/users', { as: deployer, ...from() })).status).toBe(403);
  expect((await node.client.get('/api/security/users/roles-deployer', { as: deployer, ...from() })).json()).toMatchObject({ email: 'd@example.org', admin: false, role: 'deployer' });
  expect((await node.client.get('/api/security/users/roles-reader', { as: deployer, ...from() })).status).toBe(403);
  const list = (await node.client.get('/api/security/users', from())).json() as { name: string; uri: string }[];
  expect(list.find((user) => user.name === 'roles-reader')?.uri).toBe('http://127.0.0.1:8080/artifactory/api/security/users/roles-reader');
});

test('a new password ends the old one at once', async () => {
  const user = await addUser('changing');
  expect((await node.client.get('/api/test/a', { as: user, ...from() })).status).toBe(200);
  node.prepared.length = 0;
  const change = await node.client.post('/api/security/users/authorization/changePassword', {
    userName: user.user, oldPassword: user.password, newPassword1: 'a new password', newPassword2: 'a new password',
  }, { as: user, ...from() });
  expect([change.status, change.text()]).toEqual([200, 'Password has been successfully changed']);
  expect(node.prepared).toEqual(['user:changing']);
  expect((await node.client.get('/api/test/a', { as: user, ...from() })).status).toBe(401);
  expect((await node.client.get('/api/test/a', { as: { ...user, password: 'a new password' }, ...from() })).status).toBe(200);
  expect((await node.client.post('/api/security/users/changing', { disabled: true }, from())).status).toBe(200);
  expect((await node.client.get('/api/test/a', { as: { ...user, password: 'a new password' }, ...from() })).status).toBe(401);
});

test('tokens work in every place and end when they are revoked', async () => {
  const user = await addUser('tokens', { role: 'deployer' });
  const made = await node.client.request('/api/security/token', {
    method: 'POST', body: 'expires_in=600&description=build', as: user, ...from({ 'content-type': 'application/x-www-form-urlencoded' }),
  });
  const { access_token: token, token_id: id } = made.json() as { access_token: string; token_id: string };
  expect(made.json()).toMatchObject({ expires_in: 600, token_type: 'Bearer' });
  const places = [
    { authorization: `Bearer ${token}` }, { 'x-jfrog-art-api': token }, { authorization: basic('tokens', token) },
  ];
  for (const headers of places) {
    expect((await node.client.get('/api/test/a', { as: null, ...from(headers) })).json()).toMatchObject({ user: 'tokens', via: 'token' });
  }
  expect((await node.client.get('/api/test/a', { as: null, ...from({ authorization: basic('admin', token) }) })).status).toBe(401);
  expect((await node.client.get('/api/test/a', { as: null, ...from({ authorization: `Bearer ${token.slice(0, -1)}_` }) })).status).toBe(401);
  // a token makes no token
  expect((await node.client.post('/api/security/token', {}, { as: null, ...from({ authorization: `Bearer ${token}` }) })).status).toBe(403);
  expect((await node.client.get('/api/security/token', { as: user, ...from() })).json()).toMatchObject({ tokens: [{ token_id: id, subject: 'tokens', description: 'build' }] });
  const stored = await node.postgres.query(`select hash from access_token`, node.config.database.name);
  expect(JSON.stringify(stored)).not.toContain(token);
  expect((await node.client.post('/api/security/token/revoke', { token_id: id }, { as: user, ...from() })).status).toBe(200);
  expect(node.prepared.some((key) => key.startsWith('token:'))).toBe(true);
  expect((await node.client.get('/api/test/a', { as: null, ...from({ authorization: `Bearer ${token}` }) })).status).toBe(401);
  expect((await node.client.post('/api/security/token/revoke', { token_id: id }, { as: user, ...from() })).status).toBe(404);
});

test('an expired token is none, and one for a group that is not there is not given', async () => {
  const { access_token: token } = (await node.client.post('/api/security/token', { expires_in: 1 }, from())).json() as { access_token: string };
  const bearer = { as: null, ...from({ authorization: `Bearer ${token}` }) };
  expect((await node.client.get('/api/test/a', bearer)).status).toBe(200);
  await node.postgres.query(`update access_token set expires_at = now() - interval '1 minute'`, node.config.database.name);
  expect((await node.client.get('/api/test/a', bearer)).status).toBe(401);
  const narrowed = await node.client.post('/api/security/token', { scope: 'member-of-groups:readers' }, from());
  expect([narrowed.status, codeOf(narrowed)]).toEqual([400, 'BODY_INVALID']);
});

test('guessing is slowed down for the pair, not for everybody', async () => {
  const user = await addUser('guessed');
  const guess = (): Promise<{ status: number }> => node.client.get('/api/test/a', { as: { ...user, password: 'wrong' }, ...from() });
  const answers = await Promise.all(Array.from({ length: 12 }, guess));
  // guesses that are equal are verified once
  expect(answers.every((answer) => answer.status === 401)).toBe(true);
  const statuses: number[] = [];
  for (let n = 0; n < 8; n += 1) {
    statuses.push((await node.client.get('/api/test/a', { as: { ...user, password: `wrong ${String(n)}` }, ...from() })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 429, 429, 429, 429]);
  const throttled = await node.client.get('/api/test/a', { as: user, ...from() });
  expect([throttled.status, codeOf(throttled), Number(throttled.headers['retry-after']) > 0]).toEqual([429, 'LOGIN_THROTTLED', true]);
  expect((await node.client.get('/api/test/a', { as: user, headers: { 'x-forwarded-for': '10.2.0.1' } })).status).toBe(200);
  expect((await node.client.get('/api/test/a', from())).status).toBe(200);
});

test('anonymous read is a switch', async () => {
  const set = (enabled: boolean): Promise<{ status: number }> => node.client.request('/api/v1/settings/anonymous-read', {
    method: 'PUT', body: JSON.stringify({ enabled }), ...from({ 'content-type': 'application/json' }),
  });
  expect((await node.client.get('/api/v1/settings/anonymous-read', from())).json()).toEqual({ enabled: false });
  expect((await set(true)).status).toBe(200);
  expect((await node.client.get('/api/test/a', { as: null, ...from() })).json()).toMatchObject({ user: 'anonymous' });
  const put = await node.client.put('/api/test/a', '{}', { as: null, ...from({ 'content-type': 'application/json' }) });
  expect([put.status, codeOf(put)]).toEqual([401, 'AUTHENTICATION_REQUIRED']);
  expect((await node.client.get('/api/v1/metrics', { as: null, ...from() })).status).toBe(401);
  expect((await node.client.get('/api/security/token', { as: null, ...from() })).status).toBe(401);
  expect((await set(false)).status).toBe(200);
  expect((await node.client.get('/api/test/a', { as: null, ...from() })).status).toBe(401);
});

test('of two administrators that remove each other one stays', async () => {
  for (let round = 0; round < 5; round += 1) {
    const second = await addUser(`second-${String(round)}`, { admin: true });
    // verified before, so that both changes really meet
    expect((await node.client.get('/api/test/a', { as: second, ...from() })).status).toBe(200);
    const [a, b] = await Promise.all([
      node.client.post('/api/security/users/admin', { role: 'reader' }, { as: second, ...from() }),
      node.client.delete(`/api/security/users/${second.user}`, from()),
    ]);
    const admins = await node.postgres.query(`select name from user_account where role = 'admin' and not disabled`, node.config.database.name);
    expect(admins).toHaveLength(1);
    expect([a.status, b.status].some((status) => [401, 403, 409].includes(status))).toBe(true);
    await node.postgres.query(`update user_account set role = 'admin' where name = 'admin'`, node.config.database.name);
    await node.postgres.query(`delete from user_account where name like 'second%'`, node.config.database.name);
  }
  const last = await node.client.delete('/api/security/users/admin', from());
  expect([last.status, codeOf(last)]).toEqual([409, 'LAST_ADMIN']);
});

test('bad input names its fields', async () => {
  const put = (name: string, body: unknown): Promise<{ status: number; json(): unknown }> => node.client.request(`/api/security/users/${name}`, {
    method: 'PUT', body: JSON.stringify(body), ...from({ 'content-type': 'application/json' }),
  });
  expect(codeOf(await put('Upper', { password: 'long enough' }))).toBe('PARAMETER_INVALID');
  expect(codeOf(await put('anonymous', { password: 'long enough' }))).toBe('PARAMETER_INVALID');
  expect(codeOf(await put('short', { password: 'short' }))).toBe('BODY_INVALID');
  expect(codeOf(await put('none', {}))).toBe('BODY_INVALID');
  expect(codeOf(await put('other', { name: 'another', password: 'long enough' }))).toBe('BODY_INVALID');
  expect((await node.client.delete('/api/security/users/none', from())).status).toBe(404);
  expect((await node.client.get('/api/security/users/none', from())).status).toBe(404);
});

test('a replay key belongs to user, method and path, and is believed from the balancer only', async () => {
  const key = async (path: string, id: string): Promise<unknown> =>
    ((await node.client.get(path, from({ 'x-bulkhead-request-id': id }))).json() as { replay: unknown }).replay;
  const first = await key('/api/test/a', 'request-1');
  expect(first).toMatch(/^[0-9a-f]{64}$/);
  expect(await key('/api/test/a', 'request-1')).toBe(first);
  expect(await key('/api/test/b', 'request-1')).not.toBe(first);
  expect(await key('/api/test/a', 'request-2')).not.toBe(first);
});

test('no credential reaches the log', () => {
  const text = JSON.stringify(node.log);
  expect(node.log.length).toBeGreaterThan(50);
  for (const secret of [admin.password, 'password of', 'bhk_', 'Basic ', 'Bearer ']) expect(text).not.toContain(secret);
});
