import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import type { Answer } from '../harness/node-client.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster({ nodes: 3, balancer: false });
});
afterAll(() => cluster.stop());

/** Each kind of change is made this often, each time on another node. */
const rounds = 12;
const json = { 'content-type': 'application/json' };
const change = async (round: number, method: string, path: string, body?: unknown): Promise<Answer> => {
  const answer = await cluster.nodes[round % 3]!.client.request(path, { method, ...(body === undefined ? {} : { headers: json, body: JSON.stringify(body) }) });
  expect([method, path, answer.status < 300, answer.text()]).toEqual([method, path, true, answer.text()]);
  return answer;
};
/** The same question to all nodes at once, again and again: they answer from memory. */
const ask = async (path: string, credentials: { readonly as: { user: string; password: string } } | { readonly as: null; readonly headers: Record<string, string> }): Promise<number[]> =>
  Promise.all(cluster.nodes.map(async ({ client }) => (await client.get(path, credentials)).status));
const everywhere = (status: number): number[] => [status, status, status];

test('a right that is given or taken away on one node is so on all before the change is answered', async () => {
  const as = { user: 'ria', password: 'password of ria' };
  await change(0, 'PUT', '/api/security/users/ria', { password: as.password, role: 'user' });
  await change(0, 'PUT', '/api/security/groups/crew', {});
  await cluster.nodes[0]!.client.put('/generic-local/team/a', 'content');
  const target = (users: Record<string, string[]>, groups: Record<string, string[]>): Record<string, unknown> =>
    ({ repo: { repositories: ['generic-local'], 'include-patterns': ['team/**'], actions: { users, groups } } });
  for (let round = 0; round < rounds; round += 1) {
    await change(round, 'PUT', '/api/v2/security/permissions/team', target({ ria: ['read'] }, {}));
    for (let again = 0; again < 3; again += 1) expect(await ask('/generic-local/team/a', { as })).toEqual(everywhere(200));
    await change(round + 1, 'PUT', '/api/v2/security/permissions/team', target({}, { crew: ['read'] }));
    expect(await ask('/generic-local/team/a', { as })).toEqual(everywhere(403));
    await change(round + 2, 'POST', '/api/security/users/ria', { groups: ['crew'] });
    for (let again = 0; again < 3; again += 1) expect(await ask('/generic-local/team/a', { as })).toEqual(everywhere(200));
    await change(round, 'POST', '/api/security/groups/crew', { userNames: [] });
    expect(await ask('/generic-local/team/a', { as })).toEqual(everywhere(403));
  }
});

test('a token that is revoked or refreshed on one node opens none any more', async () => {
  await cluster.nodes[0]!.client.put('/generic-local/token/a', 'content');
  for (let round = 0; round < rounds; round += 1) {
    const made = (await change(round, 'POST', '/api/security/token', { scope: round % 2 === 0 ? 'applied-permissions/user' : 'artifact:generic-local/token/**:r', refreshable: true })).json() as Record<string, string>;
    const bearer = (token: string | undefined) => ({ as: null, headers: { authorization: `Bearer ${String(token)}` } } as const);
    for (let again = 0; again < 3; again += 1) expect(await ask('/generic-local/token/a', bearer(made['access_token']))).toEqual(everywhere(200));
    const next = (await change(round + 1, 'POST', '/api/security/token', { grant_type: 'refresh_token', refresh_token: made['refresh_token'] })).json() as Record<string, string>;
    expect(await ask('/generic-local/token/a', bearer(made['access_token']))).toEqual(everywhere(401));
    expect(await ask('/generic-local/token/a', bearer(next['access_token']))).toEqual(everywhere(200));
    await change(round + 2, 'POST', '/api/security/token/revoke', { token_id: next['token_id'] });
    expect(await ask('/generic-local/token/a', bearer(next['access_token']))).toEqual(everywhere(401));
  }
});

test('a user who is disabled on one node is on all', async () => {
  const as = { user: 'dis', password: 'password of dis' };
  await change(0, 'PUT', '/api/security/users/dis', { password: as.password, role: 'reader' });
  await cluster.nodes[0]!.client.put('/generic-local/dis/a', 'content');
  for (let round = 0; round < rounds; round += 1) {
    for (let again = 0; again < 2; again += 1) expect(await ask('/generic-local/dis/a', { as })).toEqual(everywhere(200));
    await change(round, 'POST', '/api/security/users/dis', { disabled: true });
    expect(await ask('/generic-local/dis/a', { as })).toEqual(everywhere(401));
    await change(round + 1, 'POST', '/api/security/users/dis', { disabled: false });
  }
});

test('failed logins on different nodes lock the user on all of them', async () => {
  const as = { user: 'loc', password: 'password of loc' };
  await change(0, 'PUT', '/api/security/users/loc', { password: as.password, role: 'reader' });
  await change(1, 'PUT', '/api/v1/settings/login-lock', { maxFailedLogins: 3, minutes: 30 });
  expect(await ask('/generic-local/dis/a', { as })).toEqual(everywhere(200));
  for (const { client } of cluster.nodes) expect((await client.get('/generic-local/dis/a', { as: { ...as, password: `wrong on ${client.url}` } })).status).toBe(401);
  expect(await ask('/generic-local/dis/a', { as })).toEqual(everywhere(401));
  await change(2, 'POST', '/api/security/unlockUsers/loc');
  expect(await ask('/generic-local/dis/a', { as })).toEqual(everywhere(200));
});
