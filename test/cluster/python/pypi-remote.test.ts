import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { sha256, type Answer, type NodeClient } from '../../harness/node-client.ts';
import { buildSdist, buildWheel } from '../../harness/python-packages.ts';
import { uploadForm } from '../../harness/upload-form.ts';
import { UpstreamServer } from '../../harness/upstream-server.ts';

let cluster: TestCluster;
let upstream: UpstreamServer;
let clients: [NodeClient, NodeClient, NodeClient];

beforeAll(async () => {
  cluster = await startCluster();
  upstream = await UpstreamServer.start();
  clients = cluster.nodes.map(({ client }) => client) as typeof clients;
  for (const key of ['ours', 'theirs']) await repository(key, { rclass: 'local' });
  await repository('mirror', {
    rclass: 'remote', url: `${cluster.balancer.url}/artifactory/api/pypi/theirs`, username: cluster.admin.user, password: cluster.admin.password,
    allowPrivateAddresses: true, retrievalCachePeriodSecs: 0, missedRetrievalCachePeriodSecs: 0,
  });
  await repository('old', { rclass: 'remote', url: upstream.url, allowPrivateAddresses: true });
  await repository('all', { rclass: 'virtual', repositories: ['mirror', 'ours', 'old'], defaultDeploymentRepo: 'ours' });
});
afterAll(async () => {
  await cluster.stop();
  await upstream[Symbol.asyncDispose]();
});

async function repository(key: string, json: Readonly<Record<string, unknown>>): Promise<void> {
  const made = await cluster.nodes[0]!.client.put(`/api/repositories/${key}`, JSON.stringify({ packageType: 'pypi', ...json }), { headers: { 'content-type': 'application/json' } });
  expect(made.status, made.text()).toBe(200);
}

const upload = (key: string, source: { name: string; version: string; code?: string }, build = buildWheel): Promise<Answer> =>
  clients[0].request(`/api/pypi/${key}/`, { method: 'POST', ...uploadForm(build(source), source) });

interface Listed { versions: string[]; files: { filename: string; url: string; hashes: Record<string, string>; yanked: unknown; 'core-metadata': unknown }[] }
async function list(client: NodeClient, key: string, project: string): Promise<Listed> {
  const answer = await client.get(`/api/pypi/${key}/simple/${project}/`, { headers: { accept: 'application/vnd.pypi.simple.v1+json' } });
  expect(answer.status, answer.text()).toBe(200);
  return answer.json() as Listed;
}
const fileAddress = (key: string, project: string, url: string): string => new URL(url, `http://x/api/pypi/${key}/simple/${project}/`).pathname;

it('a remote repository lists and gives what another one of ours has, with metadata and yanked versions', async () => {
  for (const version of ['1.0', '1.1']) expect((await upload('theirs', { name: 'far.away', version })).status).toBe(200);
  expect((await upload('theirs', { name: 'far.away', version: '1.1' }, buildSdist)).status).toBe(200);
  expect((await clients[0].post('/api/pypi/theirs/far-away/1.0/yank', { reason: 'no' })).status).toBe(200);

  const listed = await list(clients[1], 'mirror', 'far-away');
  expect(listed).toEqual(await list(clients[2], 'theirs', 'far-away'));
  expect(listed.files[0]).toMatchObject({ filename: 'far_away-1.0-py3-none-any.whl', yanked: 'no' });
  const wheel = buildWheel({ name: 'far.away', version: '1.1' });
  const { url } = listed.files.find(({ filename }) => filename === wheel.fileName)!;
  for (const client of clients) {
    expect((await client.get(`${fileAddress('mirror', 'far-away', url)}.metadata`)).text()).toBe(wheel.metadata);
    expect((await client.get(fileAddress('mirror', 'far-away', url))).body.equals(wheel.bytes)).toBe(true);
    expect((await client.get('/api/pypi/mirror/simple/far-away/')).text()).toBe((await client.get('/api/pypi/theirs/simple/far-away/')).text());
    expect((await client.get('/api/pypi/mirror/simple/', { headers: { accept: 'application/vnd.pypi.simple.v1+json' } })).json()).toMatchObject({ projects: [{ name: 'far-away' }] });
    expect((await client.get('/api/pypi/mirror/simple/nothing/')).status).toBe(404);
  }
  // a new version is there as soon as the list is asked for again
  expect((await upload('theirs', { name: 'far.away', version: '2.0' })).status).toBe(200);
  expect((await list(clients[1], 'mirror', 'far-away')).versions).toEqual(['1.0', '1.1', '2.0']);
  expect((await upload('mirror', { name: 'far.away', version: '3.0' })).status).toBeGreaterThanOrEqual(400);
});

it('an index in HTML, with files elsewhere, is read too; a file with another digest than it promises is not given', async () => {
  await using files = await UpstreamServer.start();
  const good = buildWheel({ name: 'legacy', version: '1.0' });
  const bad = buildWheel({ name: 'legacy', version: '1.1' });
  files.set(`/packages/aa/${good.fileName}`, good.bytes);
  files.set(`/packages/aa/${good.fileName}.metadata`, good.metadata);
  files.set(`/packages/bb/${bad.fileName}`, bad.bytes);
  upstream.set('/simple/legacy/', `<!DOCTYPE html><html><body>
    <a href="${files.url}/packages/aa/${good.fileName}#sha256=${sha256(good.bytes)}" data-dist-info-metadata="sha256=${sha256(good.metadata)}">${good.fileName}</a>
    <a href="${files.url}/packages/bb/${bad.fileName}#sha256=${'0'.repeat(64)}">${bad.fileName}</a></body></html>`);
  expect((await list(clients[0], 'old', 'legacy')).files.map(({ filename }) => filename)).toEqual([good.fileName, bad.fileName]);
  for (const client of clients) {
    expect((await client.get(`/api/pypi/old/packages/legacy/1.0/${good.fileName}.metadata`)).text()).toBe(good.metadata);
    expect((await client.get(`/api/pypi/old/packages/legacy/1.0/${good.fileName}`)).body.equals(good.bytes)).toBe(true);
  }
  expect([files.count(`/packages/aa/${good.fileName}`), files.count(`/packages/aa/${good.fileName}.metadata`), upstream.count('/simple/legacy/')]).toEqual([1, 1, 1]);
  const refused = await clients[1].get(`/api/pypi/old/packages/legacy/1.1/${bad.fileName}`).catch(() => null);
  expect(refused?.status ?? 502).toBeGreaterThanOrEqual(400);
  upstream.set('/simple/nonsense/', '{"not": "a list"}');
  expect((await clients[2].get('/api/pypi/old/simple/nonsense/')).status).toBe(502);
});

it('a virtual repository without members lists no projects, and knows none', async () => {
  await repository('none', { rclass: 'virtual', repositories: [] });
  const json = await clients[1].get('/api/pypi/none/simple/', { headers: { accept: 'application/vnd.pypi.simple.v1+json' } });
  expect([json.status, json.json()]).toEqual([200, expect.objectContaining({ projects: [] })]);
  expect((await clients[1].get('/api/pypi/none/simple/', { headers: { accept: 'text/html' } })).status).toBe(200);
  expect((await clients[1].get('/api/pypi/none/simple/any/')).status).toBe(404);
});

it('a virtual repository merges lists, ours before theirs, and takes uploads for its deployment repository', async () => {
  expect((await upload('all', { name: 'both', version: '1.0', code: 'ours = 1\n' })).status).toBe(200);
  for (const version of ['1.0', '1.5']) expect((await upload('theirs', { name: 'both', version })).status).toBe(200);
  const ours = buildWheel({ name: 'both', version: '1.0', code: 'ours = 1\n' });
  const theirs = buildWheel({ name: 'both', version: '1.5' });
  for (const client of clients) {
    const listed = await list(client, 'all', 'both');
    expect(listed.files.map(({ filename, hashes }) => [filename, hashes['sha256']])).toEqual([[ours.fileName, sha256(ours.bytes)], [theirs.fileName, sha256(theirs.bytes)]]);
    for (const [index, expected] of [ours, theirs].entries()) {
      const address = fileAddress('all', 'both', listed.files[index]!.url);
      expect((await client.get(`${address}.metadata`)).text()).toBe(expected.metadata);
      expect((await client.get(address)).body.equals(expected.bytes)).toBe(true);
    }
  }
  // the same file again is done, whichever repository it went to
  expect((await upload('all', { name: 'both', version: '1.0', code: 'ours = 1\n' })).status).toBe(200);
  expect((await upload('all', { name: 'both', version: '1.0', code: 'ours = 2\n' })).status).toBe(409);
  expect((await clients[1].post('/api/pypi/all/both/1.0/yank')).status).toBe(200);
  for (const client of clients) expect((await list(client, 'all', 'both')).files[0]?.yanked).toBe(true);
  const names = (await clients[2].get('/api/pypi/all/simple/')).text();
  expect(['both', 'far-away'].every((name) => names.includes(`href="${name}/"`))).toBe(true);
});
