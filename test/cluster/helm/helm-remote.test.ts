import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildChart } from '../../harness/charts.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { sha256, type NodeClient } from '../../harness/node-client.ts';
import { UpstreamServer } from '../../harness/upstream-server.ts';

let cluster: TestCluster;
let upstream: UpstreamServer;
let clients: NodeClient[];

beforeAll(async () => {
  cluster = await startCluster();
  upstream = await UpstreamServer.start();
  clients = cluster.nodes.map(({ client }) => client);
  for (const key of ['ours', 'theirs']) await repository(key, { rclass: 'local' });
  await repository('mirror', {
    rclass: 'remote', url: `${cluster.balancer.url}/artifactory/theirs`, username: cluster.admin.user, password: cluster.admin.password,
    allowPrivateAddresses: true, retrievalCachePeriodSecs: 0, missedRetrievalCachePeriodSecs: 0,
  });
  await repository('outside', { rclass: 'remote', url: `${upstream.url}/charts`, allowPrivateAddresses: true });
  await repository('all', { rclass: 'virtual', repositories: ['ours', 'mirror', 'outside'], defaultDeploymentRepo: 'ours' });
});
afterAll(async () => {
  await cluster.stop();
  await upstream[Symbol.asyncDispose]();
});

async function repository(key: string, json: Readonly<Record<string, unknown>>): Promise<void> {
  const made = await cluster.nodes[0]!.client.put(`/api/repositories/${key}`, JSON.stringify({ packageType: 'helm', ...json }), { headers: { 'content-type': 'application/json' } });
  expect(made.status, made.text()).toBe(200);
}

interface Index { entries: Record<string, { version: string; digest: string; urls: string[]; created: string }[]> }
const index = async (client: NodeClient, key: string): Promise<Index> => parse((await client.get(`/api/helm/${key}/index.yaml`)).text()) as Index;

it('a virtual repository without members has an index, as an empty one has; one whose upstream cannot be asked, sends nonsense or is offline has none', async () => {
  await repository('none', { rclass: 'virtual', repositories: [] });
  const answer = await clients[1]!.get('/api/helm/none/index.yaml');
  expect([answer.status, answer.headers['content-type'], (parse(answer.text()) as Index).entries]).toEqual([200, 'application/x-yaml', {}]);
  upstream.set('/nonsense/index.yaml', 'entries: [');
  const remotes = { nowhere: { url: 'http://127.0.0.1:9/charts' }, nonsense: { url: `${upstream.url}/nonsense` }, offline: { url: `${upstream.url}/charts`, offline: true } };
  for (const [key, settings] of Object.entries(remotes)) {
    await repository(key, { rclass: 'remote', allowPrivateAddresses: true, ...settings });
    await repository(`over-${key}`, { rclass: 'virtual', repositories: [key] });
    // the second time by what is remembered of the first
    for (const client of [clients[1]!, clients[1]!, clients[2]!]) expect([key, (await client.get(`/api/helm/over-${key}/index.yaml`)).status]).toEqual([key, 404]);
  }
  await repository('excluding', { rclass: 'virtual', repositories: [], excludesPattern: 'index.yaml' });
  expect((await clients[1]!.get('/api/helm/excluding/index.yaml')).status).toBe(404);
});

it('a remote repository has the index and the charts of another one, the virtual one those of all', async () => {
  const shared = buildChart('web', '1.0.0', ['description: ours']);
  expect((await clients[0]!.put(`/all/${shared.fileName}`, shared.bytes)).status).toBe(201);
  for (const version of ['1.0.0', '2.0.0']) expect((await clients[0]!.put(`/theirs/stable/web-${version}.tgz`, buildChart('web', version).bytes)).status).toBe(201);
  expect((await clients[0]!.put('/theirs/stable/web-2.0.0.tgz.prov', 'signed')).status).toBe(201);

  // charts that an index names elsewhere come through us
  const outside = buildChart('tool', '0.1.0');
  upstream.set('/releases/download/tool.tgz', outside.bytes);
  upstream.set('/charts/wrong-1.0.0.tgz', 'something else');
  upstream.set('/charts/index.yaml', `apiVersion: v1\nentries:\n  tool:\n  - {name: tool, version: 0.1.0, digest: ${sha256(outside.bytes)}, urls: ["${upstream.url}/releases/download/tool.tgz"]}\n`
    + `  wrong:\n  - {name: wrong, version: 1.0.0, digest: ${'0'.repeat(64)}, urls: [wrong-1.0.0.tgz]}\n`);

  for (const client of clients) {
    expect((await index(client, 'mirror')).entries).toEqual((await index(client, 'theirs')).entries);
    const { entries } = await index(client, 'all');
    expect(Object.keys(entries)).toEqual(['tool', 'web', 'wrong']);
    expect(entries['web']!.map(({ version, digest }) => [version, digest])).toEqual([['2.0.0', sha256(buildChart('web', '2.0.0').bytes)], ['1.0.0', sha256(shared.bytes)]]);
    const get = async (path: string): Promise<Buffer> => (await client.get(`/all/${path}`)).body;
    expect((await get(entries['web']![0]!.urls[0]!)).equals(buildChart('web', '2.0.0').bytes)).toBe(true);
    expect((await get(`${entries['web']![0]!.urls[0]!}.prov`)).toString()).toBe('signed');
    expect((await get(entries['web']![1]!.urls[0]!)).equals(shared.bytes)).toBe(true);
    expect(entries['tool']![0]!.urls).toEqual(['elsewhere/tool/tool-0.1.0.tgz']);
    expect((await get('elsewhere/tool/tool-0.1.0.tgz')).equals(outside.bytes)).toBe(true);
    const wrong = await client.get('/all/wrong-1.0.0.tgz').catch(() => null);
    expect(wrong?.status ?? 502).toBeGreaterThanOrEqual(400);
  }
  expect(upstream.count('/releases/download/tool.tgz')).toBe(1);
  expect((await clients[1]!.put('/theirs/stable/web-3.0.0.tgz', buildChart('web', '3.0.0').bytes)).status).toBe(201);
  expect((await index(clients[2]!, 'all')).entries['web']![0]!.version).toBe('3.0.0');
});
