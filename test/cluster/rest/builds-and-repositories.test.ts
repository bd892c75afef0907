import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import type { Answer, NodeClient, RequestOptions } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

let cluster: TestCluster;
const reader = { user: 'rita', password: 'a long password' };
beforeAll(async () => {
  cluster = await startCluster({ balancer: false });
  expect((await send(0, 'PUT', '/api/security/users/rita', { password: reader.password, role: 'reader' })).status).toBe(201);
});
afterAll(() => cluster.stop());

const node = (index: number): NodeClient => cluster.nodes[index % cluster.nodes.length]!.client;
const send = (index: number, method: string, path: string, body?: unknown, options: RequestOptions = {}): Promise<Answer> => node(index).request(path, {
  ...options, method, ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
});
const codeOf = (answer: Answer): [number, string | undefined] => [answer.status, (answer.json() as { errors?: { code: string }[] }).errors?.[0]?.code];

it('keeps builds as they were published', async () => {
  const build = (number: string, started: string): Record<string, unknown> => ({
    version: '1.0.1', name: 'acme :: lib', number, started, agent: { name: 'Jenkins' }, modules: [{ id: 'org.acme:lib:1.0', artifacts: [{ name: 'lib.jar', sha1: 'x', odd: '\u0000' }] }],
  });
  expect((await send(0, 'PUT', '/api/build', build('1', '2026-01-02T03:04:05.678+0100'))).status).toBe(204);
  expect((await send(1, 'PUT', '/api/build', build('2', '2026-01-03T00:00:00.000Z'))).status).toBe(204);
  expect((await send(2, 'PUT', '/api/build', build('2', '2026-01-04T00:00:00.000Z'))).status).toBe(204);
  expect((await send(1, 'GET', '/api/build')).json()).toMatchObject({ builds: [{ uri: '/acme%20%3A%3A%20lib', lastStarted: '2026-01-04T00:00:00.000Z' }] });
  const path = `/api/build/${encodeURIComponent('acme :: lib')}`;
  expect((await send(2, 'GET', path)).json()).toMatchObject({ buildsNumbers: [{ uri: '/2' }, { uri: '/2' }, { uri: '/1', started: '2026-01-02T02:04:05.678Z' }] });
  expect((await send(0, 'GET', `${path}/1`)).json()).toMatchObject({ buildInfo: build('1', '2026-01-02T03:04:05.678+0100') });
  expect((await send(0, 'GET', `${path}/2`)).json()).toMatchObject({ buildInfo: { started: '2026-01-04T00:00:00.000Z' } });
  expect((await send(0, 'GET', `${path}/2?started=2026-01-03T00:00:00.000%2B0000`)).json()).toMatchObject({ buildInfo: { started: '2026-01-03T00:00:00.000Z' } });
  expect(codeOf(await send(0, 'PUT', '/api/build', build('3', '2026-01-04T00:00:00Z'), { as: reader }))).toEqual([403, 'FORBIDDEN']);
  expect(codeOf(await send(0, 'PUT', '/api/build', { name: 'x', number: '1' }))).toEqual([400, 'BODY_INVALID']);
  expect(codeOf(await send(0, 'PUT', '/api/build', build('4', 'yesterday')))).toEqual([400, 'BODY_INVALID']);
  expect((await send(0, 'DELETE', `${path}?buildNumbers=2,9`)).text()).toContain('acme :: lib#2');
  expect(codeOf(await send(1, 'GET', `${path}/2`))).toEqual([404, 'BUILD_NOT_FOUND']);
  expect((await send(1, 'DELETE', `${path}?deleteAll=1`)).status).toBe(200);
  expect(codeOf(await send(2, 'GET', path))).toEqual([404, 'BUILD_NOT_FOUND']);
});

it('creates, changes and removes many repositories at once, or none', async () => {
  const batch = '/api/v2/repositories/batch';
  const exists = async (key: string): Promise<number> => (await node(2).request(`/api/repositories/${key}`, { method: 'HEAD' })).status;
  expect((await send(0, 'PUT', batch, [{ key: 'one', rclass: 'local', packageType: 'generic' }, { key: 'two', rclass: 'local', packageType: 'maven' }])).status).toBe(201);
  expect([await exists('one'), await exists('two'), await exists('three')]).toEqual([200, 200, 404]);
  expect(codeOf(await send(1, 'PUT', batch, [{ key: 'three', packageType: 'generic' }, { key: 'two', packageType: 'generic' }]))).toEqual([409, 'REPOSITORY_EXISTS']);
  expect(await exists('three')).toBe(404);
  expect((await send(1, 'POST', batch, [{ key: 'one', description: 'changed' }, { key: 'two', handleReleases: false }])).status).toBe(200);
  expect((await send(2, 'GET', '/api/repositories/one')).json()).toMatchObject({ description: 'changed' });
  expect((await send(2, 'GET', '/api/repositories/configurations')).json()).toMatchObject({ LOCAL: expect.arrayContaining([expect.objectContaining({ key: 'two', handleReleases: false })]) as unknown });
  expect((await send(2, 'GET', '/api/repositories?packageType=maven&type=local')).text()).toContain('"two"');
  expect(codeOf(await send(0, 'DELETE', batch, ['one', 'none']))).toEqual([404, 'REPOSITORY_NOT_FOUND']);
  expect(await exists('one')).toBe(200);
  expect((await send(0, 'DELETE', batch, ['one', 'two'])).status).toBe(200);
  expect([await exists('one'), await exists('two')]).toEqual([404, 404]);
  for (const body of [[], {}, [{ packageType: 'generic' }], [{ key: 'a' }, { key: 'A' }]]) expect(codeOf(await send(0, 'PUT', batch, body))).toEqual([400, 'BODY_INVALID']);
  expect(codeOf(await send(0, 'PUT', batch, [{ key: 'x' }], { as: reader }))).toEqual([403, 'FORBIDDEN']);
  // whoever lists repositories need not know in which order they can be made, and removed
  const virtual = (key: string, repositories: string[]): object => ({ key, rclass: 'virtual', packageType: 'generic', repositories });
  expect((await send(1, 'PUT', batch, [virtual('outer', ['inner']), virtual('inner', ['one']), { key: 'one', packageType: 'generic' }])).status).toBe(201);
  expect((await send(2, 'DELETE', batch, ['one', 'inner', 'outer'])).status).toBe(200);
  expect([await exists('one'), await exists('inner'), await exists('outer')]).toEqual([404, 404, 404]);
});

it('refuses a text that PostgreSQL cannot store, and stays as it was', async () => {
  const repository = { rclass: 'local', packageType: 'generic' };
  expect((await send(0, 'PUT', '/api/repositories/words', { ...repository, description: 'fine' })).status).toBe(200);
  for (const fields of [{ description: 'a\u0000b' }, { notes: 'a\u0000b' }, { includesPattern: '\u0000' }]) {
    const refused = await send(1, 'POST', '/api/repositories/words', fields);
    expect([fields, refused.status < 500]).toEqual([fields, true]);
  }
  expect(codeOf(await send(1, 'POST', '/api/repositories/words', { description: 'a\u0000b' }))).toEqual([400, 'BODY_INVALID']);
  expect(codeOf(await send(2, 'PUT', '/api/security/groups/words', { description: 'a\u0000b' }))).toEqual([400, 'BODY_INVALID']);
  expect((await send(2, 'GET', '/api/repositories/words')).json()).toMatchObject({ description: 'fine' });
  expect((await send(0, 'DELETE', '/api/repositories/words')).status).toBe(200);
});

it('adds up what repositories hold', async () => {
  for (const [path, content] of [['a/b/one', '12345'], ['a/two', '12345'], ['three', '1']] as const) expect((await node(0).put(`/generic-local/${path}`, content)).status).toBe(201);
  expect((await send(1, 'POST', '/api/storageinfo/calculate')).status).toBe(202);
  const summary = await waitFor('the sum', async () => {
    const answer = await send(2, 'GET', '/api/storageinfo');
    const found = answer.json() as { repositoriesSummaryList?: { repoKey: string; filesCount: number }[] };
    if (found.repositoriesSummaryList?.some(({ repoKey, filesCount }) => repoKey === 'generic-local' && filesCount === 3) === true) return found;
    await send(1, 'POST', '/api/storageinfo/calculate');
    return undefined;
  });
  expect(summary).toMatchObject({
    binariesSummary: { binariesCount: '2', binariesSizeInBytes: 6, artifactsSize: '11 bytes' },
    repositoriesSummaryList: expect.arrayContaining([
      expect.objectContaining({ repoKey: 'generic-local', repoType: 'LOCAL', filesCount: 3, foldersCount: 2, usedSpaceInBytes: 11, itemsCount: 5, percentage: '100%' }),
      expect.objectContaining({ repoKey: 'TOTAL', filesCount: 3 }),
    ]) as unknown,
  });
  expect(codeOf(await send(0, 'GET', '/api/storageinfo', undefined, { as: reader }))).toEqual([403, 'FORBIDDEN']);
});

it('answers what clients ask at their start', async () => {
  const version = (await send(0, 'GET', '/api/system/version')).json() as { version: string; revision: string };
  expect(Number(version.version.split('.')[0])).toBeGreaterThanOrEqual(7);
  expect(version.revision).toMatch(/^\d+\.\d+\.\d+/);
  for (const path of ['/api/plugins', '/api/plugins/execute/x', '/api/nothing']) expect(codeOf(await send(1, 'GET', path))).toEqual([404, 'ROUTE_NOT_FOUND']);
  expect((await node(0).put('/generic-local/last/a', 'a')).status).toBe(201);
  const last = (await send(1, 'GET', '/api/storage/generic-local/last?lastModified')).json() as { uri: string; lastModified: string };
  expect(last.uri).toMatch(/\/api\/storage\/generic-local\/last\/a$/);
  expect(Date.parse(last.lastModified)).toBeGreaterThan(Date.now() - 600_000);
});
