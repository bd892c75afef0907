import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster, type TestNode } from '../../harness/cluster.ts';
import { abbreviated, everywhere, json, makeRepository, packumentOf, publish, registryPath } from './registry.ts';

let cluster: TestCluster;
let a: TestNode;
let b: TestNode;
let c: TestNode;

beforeAll(async () => {
  cluster = await startCluster({ nodes: 3, config: { http: { trustedProxies: ['127.0.0.1'] } } });
  [a, b, c] = cluster.nodes as [TestNode, TestNode, TestNode];
  await cluster.untilServing();
  await makeRepository(cluster, 'npm-local', { rclass: 'local' });
  // the registry elsewhere is a repository of this cluster
  await makeRepository(cluster, 'npm-elsewhere', { rclass: 'local' });
  await makeRepository(cluster, 'npm-remote', {
    rclass: 'remote', url: `${cluster.balancer.url}/artifactory/api/npm/npm-elsewhere/`, username: cluster.admin.user, password: cluster.admin.password,
    allowPrivateAddresses: true, retrievalCachePeriodSecs: 0, missedRetrievalCachePeriodSecs: 0,
  });
  await makeRepository(cluster, 'npm', { rclass: 'virtual', repositories: ['npm-remote', 'npm-local'], defaultDeploymentRepo: 'npm-local' });
});
afterAll(() => cluster.stop());

const root = (): string => `${cluster.balancer.url}/artifactory`;

it('stands in for a registry elsewhere: packuments in both forms, tarballs with their integrity, addresses of its own', async () => {
  await publish(a.client, 'npm-elsewhere', { name: '@far/away', version: '1.0.0', description: 'far', scripts: { install: 'x' } });
  for (const headers of [{}, abbreviated]) {
    const packument = await everywhere(cluster, 'npm-remote', '@far/away', headers);
    expect(packument!.versions['1.0.0']!.dist.tarball).toBe(`${root()}/api/npm/npm-remote/@far/away/-/away-1.0.0.tgz`);
  }
  expect((await packumentOf(b.client, 'npm-remote', '@far/away', abbreviated))!.versions['1.0.0']).not.toHaveProperty('description');
  const original = await a.client.get(registryPath('npm-elsewhere', '@far/away/-/@far/away-1.0.0.tgz'));
  for (const node of [b, c]) {
    const tarball = await node.client.get(registryPath('npm-remote', '@far/away/-/away-1.0.0.tgz'));
    expect(tarball.status).toBe(200);
    expect(tarball.body.equals(original.body)).toBe(true);
  }
  // what is published there later is seen, and its tarball found
  await publish(a.client, 'npm-elsewhere', { name: '@far/away', version: '1.1.0' });
  expect(Object.keys((await everywhere(cluster, 'npm-remote', '@far/away'))!.versions)).toEqual(['1.0.0', '1.1.0']);
  expect((await c.client.get(registryPath('npm-remote', '@far/away/-/away-1.1.0.tgz'))).status).toBe(200);
  expect((await c.client.get(registryPath('npm-remote', '@far/away/-/away-9.9.9.tgz'))).status).toBe(404);
  expect((await c.client.get(registryPath('npm-remote', 'not-there'))).status).toBe(404);
  expect((await publish(c.client, 'npm-remote', { name: 'x', version: '1.0.0' })).status).toBeGreaterThanOrEqual(400);
});

it('merges: what is published here wins, and everything has the address that was asked', async () => {
  await publish(a.client, 'npm-elsewhere', { name: 'shared', version: '1.0.0', from: 'elsewhere' });
  await publish(a.client, 'npm-elsewhere', { name: 'shared', version: '9.0.0', from: 'elsewhere' });
  // by way of the virtual repository into its deployment repository
  expect((await publish(b.client, 'npm', { name: 'shared', version: '1.0.0', from: 'here' })).status).toBe(201);
  const merged = await everywhere(cluster, 'npm', 'shared');
  expect(Object.keys(merged!.versions)).toEqual(['1.0.0', '9.0.0']);
  expect(merged!.versions['1.0.0']).toMatchObject({ from: 'here', dist: { tarball: `${root()}/api/npm/npm/shared/-/shared-1.0.0.tgz` } });
  expect(merged!.versions['9.0.0']).toMatchObject({ from: 'elsewhere', dist: { tarball: `${root()}/api/npm/npm/shared/-/shared-9.0.0.tgz` } });
  expect(merged!['dist-tags']).toEqual({ latest: '1.0.0' });
  expect(Object.keys(merged!.time).sort()).toEqual(['1.0.0', '9.0.0', 'created', 'modified']);
  for (const version of ['1.0.0', '9.0.0']) {
    const tarball = await c.client.get(registryPath('npm', `shared/-/shared-${version}.tgz`));
    expect(tarball.status).toBe(200);
  }
  expect((await c.client.put(registryPath('npm', '-/package/shared/dist-tags/here'), '"1.0.0"', { headers: json })).status).toBe(200);
  expect((await everywhere(cluster, 'npm', 'shared', abbreviated))!['dist-tags']).toEqual({ latest: '1.0.0', here: '1.0.0' });
  // deprecating through the virtual repository reaches what is here
  const seen = (await packumentOf(a.client, 'npm', 'shared'))!;
  const deprecated = { ...seen, versions: Object.fromEntries(Object.entries(seen.versions).map(([version, manifest]) => [version, { ...manifest, deprecated: 'no more' }])) };
  expect((await b.client.put(registryPath('npm', 'shared'), JSON.stringify(deprecated), { headers: json })).status).toBe(200);
  expect((await everywhere(cluster, 'npm-local', 'shared'))!.versions['1.0.0']!.deprecated).toBe('no more');
  expect((await a.client.delete(registryPath('npm', `shared/-rev/${seen._rev}`))).status).toBeGreaterThanOrEqual(400);
});

it('searches here and elsewhere', async () => {
  await publish(a.client, 'npm-local', { name: 'wombat-here', version: '1.0.0', description: 'a wombat' });
  await publish(a.client, 'npm-elsewhere', { name: 'wombat-there', version: '1.0.0', keywords: ['wombat'] });
  const found = (await b.client.get(registryPath('npm', '-/v1/search?text=wombat'))).json() as { total: number; objects: { package: { name: string } }[] };
  expect([found.total, found.objects.map((object) => object.package.name)]).toEqual([2, ['wombat-here', 'wombat-there']]);
  const second = (await b.client.get(registryPath('npm', '-/v1/search?text=wombat&size=1&from=1'))).json() as { objects: { package: { name: string } }[] };
  expect(second.objects.map((object) => object.package.name)).toEqual(['wombat-there']);
  // words of which nothing is left are no words
  const anything = await b.client.get(registryPath('npm-local', '-/v1/search?text=((('));
  expect([anything.status, (anything.json() as { total: number }).total > 0]).toEqual([200, true]);
});

it('says that upstream failed when its answer breaks off', async () => {
  const upstream = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 100 });
    response.write('{"objects":[', () => { response.destroy(); });
  });
  await new Promise<void>((resolve) => { upstream.listen(0, '127.0.0.1', resolve); });
  try {
    await makeRepository(cluster, 'npm-breaking', { rclass: 'remote', url: `http://127.0.0.1:${String((upstream.address() as AddressInfo).port)}`, allowPrivateAddresses: true });
    const broken = await a.client.get(registryPath('npm-breaking', '-/v1/search?text=x'));
    expect([broken.status, (broken.json() as { code: string }).code]).toEqual([502, 'UPSTREAM_FAILED']);
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});

it('hands audits on without naming what is private, and fails when upstream does', async () => {
  const asked: unknown[] = [];
  const advisory = { id: 1, title: 'a hole', severity: 'high', vulnerable_versions: '*', url: 'https://example.org' };
  const upstream = createServer((request, response) => {
    void (async () => {
      const chunks = await request.toArray() as Buffer[];
      asked.push({ url: request.url, body: JSON.parse(Buffer.concat(chunks).toString()) as unknown });
      response.writeHead(asked.length > 2 ? 404 : 200, { 'content-type': 'application/json' }).end(JSON.stringify({ public: [advisory] }));
    })();
  });
  upstream.listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  try {
    const { port } = upstream.address() as AddressInfo;
    await makeRepository(cluster, 'npm-audited', { rclass: 'remote', url: `http://127.0.0.1:${String(port)}/registry`, allowPrivateAddresses: true });
    await makeRepository(cluster, 'npm-both', { rclass: 'virtual', repositories: ['npm-audited', 'npm-local'] });
    await publish(a.client, 'npm-local', { name: 'private', version: '1.0.0' });
    const body = gzipSync(JSON.stringify({ private: ['1.0.0'], public: ['1.0.0', '2.0.0'] }));
    const audit = (key: string) => c.client.request(registryPath(key, '-/npm/v1/security/advisories/bulk'), { method: 'POST', body, headers: { ...json, 'content-encoding': 'gzip' } });
    for (const key of ['npm-both', 'npm-audited']) {
      const answer = await audit(key);
      expect([answer.status, answer.json()]).toEqual([200, { public: [advisory] }]);
    }
    expect(asked).toEqual([
      { url: '/registry/-/npm/v1/security/advisories/bulk', body: { public: ['1.0.0', '2.0.0'] } },
      { url: '/registry/-/npm/v1/security/advisories/bulk', body: { private: ['1.0.0'], public: ['1.0.0', '2.0.0'] } },
    ]);
    expect((await audit('npm-both')).status).toBe(404);
    expect((await audit('npm-local')).json()).toEqual({});
    // npm 6 asks the first, Yarn 1 the second
    for (const call of ['audits/quick', 'audits']) expect((await c.client.post(registryPath('npm-local', `-/npm/v1/security/${call}`), { name: 'app' })).json()).toMatchObject({ advisories: {} });
  } finally {
    upstream.closeAllConnections();
    upstream.close();
  }
});

it('goes on with what it has when the registry elsewhere is gone', async () => {
  await publish(a.client, 'npm-elsewhere', { name: 'kept', version: '1.0.0' });
  expect((await a.client.get(registryPath('npm-remote', 'kept/-/kept-1.0.0.tgz'))).status).toBe(200);
  const before = await everywhere(cluster, 'npm-remote', 'kept', abbreviated);
  const changed = await a.client.post('/api/repositories/npm-remote', { offline: true });
  expect(changed.status, changed.text()).toBe(200);
  expect(await everywhere(cluster, 'npm-remote', 'kept', abbreviated)).toEqual(before);
  expect((await c.client.get(registryPath('npm', 'kept/-/kept-1.0.0.tgz'))).status).toBe(200);
});
