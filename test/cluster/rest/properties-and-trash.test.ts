import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import type { Answer, NodeClient } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';

let cluster: TestCluster;
const reader = { user: 'rita', password: 'a long password' };
const deployer = { user: 'dan', password: 'a long password' };

beforeAll(async () => {
  cluster = await startCluster({ balancer: false, config: { http: { trustedProxies: ['127.0.0.1'] } } });
  for (const [{ user, password }, role] of [[reader, 'reader'], [deployer, 'deployer']] as const) {
    expect((await node(0).request(`/api/security/users/${user}`, {
      method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password, role }),
    })).status).toBe(201);
  }
});
afterAll(() => cluster.stop());

const node = (index: number): NodeClient => cluster.nodes[index % cluster.nodes.length]!.client;
const propertiesOn = async (index: number, path: string, query = 'properties'): Promise<unknown> => {
  const answer = await node(index).get(`/api/storage/generic-local/${path}?${query}`);
  return answer.status === 200 ? (answer.json() as { properties: unknown }).properties : answer.status;
};
const errorOf = (answer: Answer): unknown => {
  const [entry] = (answer.json() as { errors: { status: number; code: string; message: string }[] }).errors;
  return { status: entry?.status, code: entry?.code, hasMessage: (entry?.message.length ?? 0) > 0 };
};

it('answers the same properties on every node as soon as a change was answered', async () => {
  expect((await node(0).put('/generic-local/p/a.jar;build.name=lib;build.number=7?x=1', 'bytes')).status).toBe(201);
  for (let round = 0; round < 9; round += 1) {
    const value = `v${String(round)}`;
    expect((await node(round).request(`/api/storage/generic-local/p/a.jar?properties=${encodeURIComponent(`round=${value},x\\,y|other=\u00e4`)}&recursive=0&atomic=1`, { method: 'PUT' })).status).toBe(204);
    for (let index = 0; index < 3; index += 1) {
      expect(await propertiesOn(index, 'p/a.jar')).toEqual({ 'build.name': ['lib'], 'build.number': ['7'], round: [value, 'x,y'].sort(), other: ['\u00e4'] });
    }
    expect((await node(round + 1).get(`/generic-local/p/a.jar;round=${value}`)).status).toBe(200);
    expect((await node(round + 2).get(`/generic-local/p/a.jar;round=never`)).status).toBe(404);
    expect((await node(round + 2).get(`/generic-local/p/a.jar;absent+=x`)).status).toBe(404);
  }
  const patch = (body: unknown): Promise<Answer> => node(1).request('/api/metadata/generic-local/p', {
    method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body),
  });
  expect((await patch({ props: { round: null, team: ['a', 'b'], n: 1 } })).status).toBe(204);
  expect(await propertiesOn(2, 'p')).toEqual({ team: ['a', 'b'], n: ['1'] });
  expect(await propertiesOn(0, 'p/a.jar', 'properties=team,round')).toEqual({ team: ['a', 'b'] });
  expect((await node(0).delete('/api/storage/generic-local/p?properties=team,n,build.name,other')).status).toBe(204);
  expect(await propertiesOn(2, 'p/a.jar')).toEqual({ 'build.number': ['7'] });
  expect(await propertiesOn(1, 'p')).toBe(404);
});

it('gives a folder that is made the properties of its address', async () => {
  expect((await node(0).put('/generic-local/made;team=a/deep/;build.number=7', '')).status).toBe(201);
  expect(await propertiesOn(1, 'made/deep')).toEqual({ team: ['a'], 'build.number': ['7'] });
  expect((await node(2).put('/generic-local/made/deep/;build.number=8', '')).status).toBe(201);
  expect(await propertiesOn(0, 'made/deep')).toEqual({ team: ['a'], 'build.number': ['8'] });
  expect((await node(0).put('/generic-local/made/plain/', '')).status).toBe(201);
  expect(await propertiesOn(1, 'made/plain')).toBe(404);
});

it('refuses what is not valid with a code, and whom it may not serve', async () => {
  const put = (path: string, properties: string, as = cluster.admin): Promise<Answer> => node(0).request(`/api/storage/generic-local/${path}?properties=${encodeURIComponent(properties)}`, { method: 'PUT', as });
  expect(errorOf(await put('p/a.jar', '1x=1'))).toEqual({ status: 400, code: 'PROPERTY_INVALID', hasMessage: true });
  expect(errorOf(await put('p/a.jar', 'noequals'))).toMatchObject({ status: 400, code: 'PROPERTY_INVALID' });
  expect(errorOf(await put('p/a.jar', `a=${'x'.repeat(2000)}`))).toMatchObject({ code: 'PROPERTY_INVALID' });
  expect(errorOf(await put('p/none', 'a=1'))).toMatchObject({ status: 404, code: 'ARTIFACT_NOT_FOUND' });
  expect(errorOf(await put('p/a.jar', 'a=1', reader))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  expect(errorOf(await node(0).put('/generic-local/p/b.jar;a%zz=1', 'x'))).toMatchObject({ code: 'PATH_INVALID' });
  expect((await node(0).get('/generic-local/p/b.jar')).status).toBe(404);
  for (const path of ['/auto-trashcan', '/api/storage/auto-trashcan', '/api/storage/auto-trashcan?list']) {
    expect(errorOf(await node(0).get(path, { as: deployer }))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  }
  for (const [method, path] of [['POST', '/api/trash/empty'], ['POST', '/api/trash/restore/generic-local/x'], ['DELETE', '/api/trash/clean/generic-local']] as const) {
    expect(errorOf(await node(0).request(path, { method, as: deployer }))).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  }
  expect((await node(1).get('/api/repositories')).text()).not.toContain('auto-trashcan');
});

it('gives the first answer to a delete and a restore that are sent again', async () => {
  const again = { headers: { 'x-bulkhead-request-id': 'delete-1' } };
  expect((await node(0).put('/generic-local/r/file', 'first')).status).toBe(201);
  expect((await node(0).delete('/generic-local/r/file', again)).status).toBe(204);
  expect((await node(1).put('/generic-local/r/file', 'second')).status).toBe(201);
  expect((await node(2).delete('/generic-local/r/file', again)).status).toBe(204);
  expect((await node(0).get('/generic-local/r/file')).text()).toBe('second');
  expect((await node(1).delete('/generic-local/r/file')).status).toBe(204);
  const restoring = { headers: { 'x-bulkhead-request-id': 'restore-1' } };
  expect((await node(2).post('/api/trash/restore/generic-local/r/file', undefined, restoring)).status).toBe(200);
  expect((await node(0).post('/api/trash/restore/generic-local/r/file', undefined, restoring)).status).toBe(200);
  expect(errorOf(await node(0).post('/api/trash/restore/generic-local/r/file'))).toMatchObject({ status: 404, code: 'ARTIFACT_NOT_FOUND' });
  expect((await node(1).get('/generic-local/r/file')).text()).toBe('second');
});

it('gives the first answer to a move that is sent again, with the properties where they went', async () => {
  const again = { headers: { 'x-bulkhead-request-id': 'move-1' } };
  const move = '/api/move/generic-local/m/from?to=/generic-local/m/to';
  expect((await node(0).put('/generic-local/m/from;a=1', 'first')).status).toBe(201);
  const first = await node(0).post(move, undefined, again);
  expect(first.status).toBe(200);
  expect((await node(1).put('/generic-local/m/from;a=2', 'second')).status).toBe(201);
  const second = await node(2).post(move, undefined, again);
  expect([second.status, second.text()]).toEqual([200, first.text()]);
  expect([(await node(1).get('/generic-local/m/from')).text(), (await node(0).get('/generic-local/m/to')).text()]).toEqual(['second', 'first']);
  expect([await propertiesOn(0, 'm/from'), await propertiesOn(1, 'm/to')]).toEqual([{ a: ['2'] }, { a: ['1'] }]);
});

it('loses nothing while folders are deleted and restored under deploys of several nodes', async () => {
  const acknowledged = new Set<string>();
  let over = false;
  const writers = [0, 1, 2].map(async (index) => {
    for (let count = 0; !over; count += 1) {
      const path = `busy/w${String(index)}/${String(count)}`;
      if ((await node(index).put(`/generic-local/${path}`, path)).status === 201) acknowledged.add(path);
    }
  });
  const restored = new Set<number>();
  try {
    for (let round = 0; round < 12; round += 1) {
      await waitFor('a file', async () => (await node(round).get('/api/storage/generic-local/busy')).status === 200);
      const gone = await node(round).delete('/generic-local/busy');
      expect([204, 404]).toContain(gone.status);
      const answer = await node(round + 1).post(`/api/trash/restore/generic-local/busy?to=/generic-local/back${String(round)}`);
      expect([200, 404], answer.text()).toContain(answer.status);
      if (answer.status === 200) restored.add(round);
    }
  } finally {
    over = true;
    await Promise.all(writers);
  }
  expect(restored.size).toBeGreaterThan(3);
  expect(acknowledged.size).toBeGreaterThan(20);
  const found = new Set<string>();
  for (const folder of ['busy', ...[...restored].map((round) => `back${String(round)}`)]) {
    const answer = await node(0).get(`/api/storage/generic-local/${folder}?list&deep=1`);
    if (answer.status === 404) continue;
    for (const { uri } of (answer.json() as { files: { uri: string }[] }).files) {
      const path = `busy${uri}`;
      expect(found.has(path), path).toBe(false);
      found.add(path);
      expect((await node(1).get(`/generic-local/${folder}${uri}`)).text()).toBe(path);
    }
  }
  expect(found).toEqual(acknowledged);
});

it('counts downloads on whichever node they were answered, the short way and the long one', async () => {
  const path = '/generic-local/counted/a.txt';
  expect((await node(0).put(path, 'content')).status).toBe(201);
  const stats = async (index: number): Promise<{ downloadCount: number; lastDownloaded: number; lastDownloadedBy?: string }> =>
    (await node(index).get('/api/storage/generic-local/counted/a.txt?stats')).json() as never;
  expect(await stats(1)).toMatchObject({ downloadCount: 0, lastDownloaded: 0, remoteDownloadCount: 0 });
  const etag = (await node(0).get(path)).headers['etag'];
  for (let index = 0; index < 3; index += 1) for (let round = 0; round < 4; round += 1) expect((await node(index).get(path)).status).toBe(200);
  expect((await node(1).get(path, { headers: { range: 'bytes=0-2' } })).status).toBe(206);
  // none of these is a download
  expect((await node(1).get(path, { headers: { range: 'bytes=3-' } })).status).toBe(206);
  expect((await node(1).get(path, { headers: { 'if-none-match': String(etag) } })).status).toBe(304);
  expect((await node(2).request(path, { method: 'HEAD' })).status).toBe(200);
  // whoever asks sees what that node counted, and what the others have written within seconds
  await waitFor('all nodes to have written', async () => (await stats(0)).downloadCount >= 14, { everyMs: 500 });
  for (let index = 0; index < 3; index += 1) expect(await stats(index)).toMatchObject({ downloadCount: 14, lastDownloadedBy: cluster.admin.user });
});
