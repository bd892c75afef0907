import { afterAll, beforeAll, expect, test } from 'vitest';
import { auditPage, type AuditEntry } from '../../../server-bundle/contract/index.ts';
import { insertAuditEntries, pruneAuditEntries } from '../../../server-bundle/metadata/audit/audit-entries.ts';
import type { Answer } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
beforeAll(async () => {
  node = await startLoneNode({ trustedProxies: ['127.0.0.1'] });
});
afterAll(() => node[Symbol.asyncDispose]());

type As = { readonly user: string; readonly password: string } | null;
const send = (method: string, path: string, body?: string, options: { as?: As; headers?: Record<string, string> } = {}): Promise<Answer> =>
  node.client.request(path, { method, headers: { 'x-forwarded-for': '10.9.8.7', ...options.headers }, ...(body === undefined ? {} : { body }), ...(options.as === undefined ? {} : { as: options.as }) });
const json = { 'content-type': 'application/json' };

async function entries(query = ''): Promise<AuditEntry[]> {
  const answer = await send('GET', `/api/v1/audit?${query}`);
  expect([answer.status, answer.text()]).toEqual([200, expect.any(String)]);
  return auditPage.parse(answer.json()).entries;
}
const until = (query: string, count: number): Promise<AuditEntry[]> => waitFor(`${String(count)} entries for ${query}`, async () => {
  const found = await entries(query);
  return found.length >= count && found;
});

test('a change is in the log with its answer: who, what, from where', async () => {
  const put = await send('PUT', '/generic-local/a/b.txt', 'content', { headers: { 'x-request-id': 'the-request' } });
  expect(put.status).toBe(201);
  // at once: it was committed with the change
  expect(await entries('action=deploy')).toMatchObject([{
    user: 'admin', via: 'password', address: '10.9.8.7', action: 'deploy', operation: 'PUT /artifactory/:repository/*', repository: 'generic-local', path: 'a/b.txt',
    status: 201, result: 'OK', requestId: 'the-request', nodeId: 'n1',
  }]);
  expect((await send('DELETE', '/generic-local/a/b.txt')).status).toBe(204);
  expect(await entries('action=delete&repository=generic-local')).toMatchObject([{ path: 'a/b.txt', result: 'OK' }]);
  expect((await send('PUT', '/api/security/users/zoe', JSON.stringify({ password: 'long enough', role: 'reader' }), { headers: json })).status).toBe(201);
  expect(await entries('action=manage')).toMatchObject([{ repository: null, path: '/artifactory/api/security/users/zoe', operation: 'PUT /artifactory/api/security/users/:name' }]);
});

test('reads are not in it, and neither is the question that starts a login', async () => {
  const before = (await entries()).length;
  expect((await send('GET', '/api/storage/generic-local')).status).toBe(200);
  expect((await send('GET', '/generic-local/', undefined, { as: null })).status).toBe(401);
  expect((await send('GET', '/api/system/ping', undefined, { as: null })).status).toBe(200);
  expect((await send('PUT', '/generic-local/marker', 'x')).status).toBe(201);
  expect(await entries()).toHaveLength(before + 1);
});

test('what was refused is in it, with the name that was tried', async () => {
  const zoe = { user: 'zoe', password: 'long enough' };
  expect((await send('PUT', '/generic-local/zoe', 'x', { as: zoe })).status).toBe(403);
  expect((await send('GET', '/api/security/users', undefined, { as: zoe })).status).toBe(403);
  expect((await send('GET', '/generic-local/marker', undefined, { as: { ...zoe, password: 'wrong' } })).status).toBe(401);
  expect((await send('PUT', '/generic-local/nobody', 'x', { as: null })).status).toBe(401);
  const found = await until('user=zoe&result=refused', 3);
  expect(found.map(({ action, result, path, status }) => [action, result, path, status])).toEqual([
    ['login', 'CREDENTIALS_INVALID', '/artifactory/generic-local/marker', 401], ['manage', 'FORBIDDEN', '/artifactory/api/security/users', 403], ['deploy', 'FORBIDDEN', 'zoe', 403],
  ]);
  expect(await until('user=anonymous&result=AUTHENTICATION_REQUIRED', 1)).toMatchObject([{ status: 401 }]);
});

test('a name that the database cannot take keeps nothing else out of it', async () => {
  const zoe = { user: 'zoe', password: 'long enough' };
  const before = (await entries('user=zoe&result=FORBIDDEN')).length;
  expect((await send('GET', '/generic-local/marker', undefined, { as: { user: 'a\0b', password: 'x' } })).status).toBe(401);
  expect((await send('PUT', '/generic-local/zoe-again', 'x', { as: zoe })).status).toBe(403);
  await until('user=zoe&result=FORBIDDEN', before + 1);
  expect(await until(`user=${encodeURIComponent('a\ufffdb')}`, 1)).toMatchObject([{ action: 'login', result: 'CREDENTIALS_INVALID' }]);
});

test('a login that has its credentials in the body is in it under the name that was tried', async () => {
  expect((await send('PUT', '/api/repositories/npm-audited', JSON.stringify({ rclass: 'local', packageType: 'npm' }), { headers: json })).status).toBe(200);
  const login = (password: string): Promise<Answer> => send('PUT', '/api/npm/npm-audited/-/user/org.couchdb.user:zoe', JSON.stringify({ name: 'zoe', password }), { as: null, headers: json });
  const operation = 'PUT /artifactory/api/npm/:repository/-/user/:user';
  expect((await login('long enough')).status).toBe(201);
  // with the token that it made
  expect((await entries('user=zoe&result=OK')).filter((entry) => entry.operation === operation)).toMatchObject([{ via: 'password' }]);
  expect((await login('wrong')).status).toBe(401);
  const form = new URLSearchParams({ grant_type: 'password', username: 'zoe', password: 'wrong too', service: 'x', client_id: 'x' }).toString();
  const docker = await node.app.inject({ method: 'POST', url: '/v2/token', headers: { 'content-type': 'application/x-www-form-urlencoded' }, payload: form });
  expect(docker.statusCode).toBe(401);
  const refused = await waitFor('both refusals', async () => {
    const found = (await entries('user=zoe&result=CREDENTIALS_INVALID')).filter((entry) => entry.operation === operation || entry.operation.includes('/v2/token'));
    return found.length >= 2 && found;
  });
  expect(refused).toMatchObject([{ action: 'login', via: 'password' }, { action: 'login', via: 'password' }]);
});

test('a change that failed is in it with its code, and nothing of what was undone', async () => {
  const answer = await send('PUT', '/generic-local/marker/below', 'x');
  expect(answer.status).toBe(409);
  expect(await until('result=PATH_CONFLICT', 1)).toMatchObject([{ action: 'deploy', path: 'marker/below', status: 409 }]);
  expect((await entries('action=deploy')).filter(({ path }) => path === 'marker/below')).toHaveLength(1);
});

test('an address that no trusted proxy told is not believed', async () => {
  const direct = await startLoneNode();
  try {
    const put = await direct.client.put('/generic-local/direct', 'x', { headers: { 'x-forwarded-for': '10.1.1.1' } });
    expect(put.status).toBe(201);
    const page = auditPage.parse((await direct.client.get('/api/v1/audit')).json());
    expect(page.entries[0]?.address).toMatch(/127\.0\.0\.1$/);
  } finally {
    await direct[Symbol.asyncDispose]();
  }
});

test('pages, filters and CSV', async () => {
  const all = await entries();
  const first = auditPage.parse((await send('GET', '/api/v1/audit?limit=2')).json());
  const second = auditPage.parse((await send('GET', `/api/v1/audit?limit=1000&cursor=${first.cursor ?? ''}`)).json());
  expect([...first.entries, ...second.entries]).toEqual(all);
  expect(second.cursor).toBeNull();
  expect(await entries(`since=${encodeURIComponent(new Date(Date.now() + 3_600_000).toISOString())}`)).toEqual([]);
  expect(await entries(`until=${encodeURIComponent(all[1]!.at)}`)).toEqual(all.filter(({ at }) => at < all[1]!.at));
  expect((await send('PUT', '/generic-local/%3Dcmd%22x', 'x')).status).toBe(201);
  const csv = await send('GET', '/api/v1/audit?limit=1', undefined, { headers: { accept: 'text/csv' } });
  expect(csv.headers['content-type']).toBe('text/csv; charset=utf-8; header=present');
  const [head, line] = csv.text().split('\r\n');
  expect(head).toBe('id,at,user,via,address,action,operation,repository,path,status,result,requestId,nodeId');
  expect(line).toContain(`"'=cmd""x"`);
  for (const bad of ['since=yesterday', 'limit=0', 'cursor=x', 'who=me', `since=2030-01-01T00:00:00Z&until=2029-01-01T00:00:00Z`]) expect([bad, (await send('GET', `/api/v1/audit?${bad}`)).status]).toEqual([bad, 400]);
  expect((await send('GET', '/api/v1/audit', undefined, { as: { user: 'zoe', password: 'long enough' } })).status).toBe(403);
});

test('old entries go', async () => {
  const { db } = node.session;
  const [last] = await entries('limit=1');
  await insertAuditEntries(db, [{ ...last!, user: 'old' }]);
  await node.postgres.query(`update audit_entry set at = now() - interval '40 days' where user_name = 'old'`, node.config.database.name);
  expect(await pruneAuditEntries(db, 41, 10)).toBe(0);
  expect(await pruneAuditEntries(db, 39, 10)).toBe(1);
  expect(await entries('user=old')).toEqual([]);
});
