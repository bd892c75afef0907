import { randomUUID } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startCluster, type TestCluster, type TestNode } from '../../harness/cluster.ts';
import { npmTarball, publishBody } from '../../harness/npm-packages.ts';
import { pause } from '../../harness/wait-for.ts';
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
});
afterAll(() => cluster.stop());

const replay = (id: string): { headers: Record<string, string> } => ({ headers: { 'x-bulkhead-request-id': id } });

describe('publishing', () => {
  it('lists exactly the acknowledged of 300 versions that are published at once over three nodes', async () => {
    const versions = Array.from({ length: 300 }, (_, at) => `1.${String(at)}.0`);
    // readers keep the packument in every node's cache meanwhile
    let over = false;
    const readers = cluster.nodes.map(async ({ client }) => {
      while (!over) await packumentOf(client, 'npm-local', '@acme/busy', abbreviated);
    });
    const acknowledged: string[] = [];
    const queue = [...versions];
    await Promise.all(Array.from({ length: 24 }, async (_, worker) => {
      for (let version = queue.shift(); version !== undefined; version = queue.shift()) {
        const answer = await publish(cluster.nodes[worker % 3]!.client, 'npm-local', { name: '@acme/busy', version }, { tag: `t${String(worker)}` });
        if (answer.status === 201) {
          acknowledged.push(version);
          // read your own write, on another node
          expect(Object.keys((await packumentOf(cluster.nodes[(worker + 1) % 3]!.client, 'npm-local', '@acme/busy'))!.versions)).toContain(version);
        } else expect(answer.status, answer.text()).toBe(429);
      }
    }));
    over = true;
    await Promise.all(readers);
    for (const headers of [{}, abbreviated]) {
      const packument = await everywhere(cluster, 'npm-local', '@acme/busy', headers);
      expect(Object.keys(packument!.versions).sort()).toEqual(acknowledged.sort());
      expect(acknowledged.length).toBeGreaterThan(250);
      expect(Object.keys(packument!['dist-tags'])).toHaveLength(25);
    }
  });

  it('takes one of many that publish the same version, and tells the others', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, at) => publish(cluster.nodes[at % 3]!.client, 'npm-local', { name: 'contested', version: '1.0.0', by: at })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 11 }, () => 403)]);
    expect(answers.find(({ status }) => status === 403)?.json()).toMatchObject({ error: 'You cannot publish over the previously published versions: 1.0.0.', code: 'ARTIFACT_EXISTS' });
    const packument = await everywhere(cluster, 'npm-local', 'contested');
    const winner = answers.findIndex(({ status }) => status === 201);
    expect(packument!.versions['1.0.0']).toMatchObject({ by: winner });
  });

  it('gives a replayed request the first answer, on whichever node it lands, also at the same time', async () => {
    const id = randomUUID();
    const first = await publish(a.client, 'npm-local', { name: 'replayed', version: '1.0.0' }, replay(id));
    expect(first.status).toBe(201);
    const again = await publish(b.client, 'npm-local', { name: 'replayed', version: '1.0.0' }, replay(id));
    expect([again.status, again.text()]).toEqual([201, first.text()]);
    const both = randomUUID();
    const twins = await Promise.all(cluster.nodes.map(({ client }) => publish(client, 'npm-local', { name: 'replayed', version: '2.0.0' }, replay(both))));
    expect(twins.map(({ status }) => status)).toEqual([201, 201, 201]);
    // another request for the same version is no replay
    expect((await publish(c.client, 'npm-local', { name: 'replayed', version: '2.0.0' }, replay(randomUUID()))).status).toBe(403);
  });

  it('refuses bytes that are not what was declared, and leaves nothing', async () => {
    const manifest = { name: 'broken', version: '1.0.0' };
    const body = JSON.parse(publishBody(manifest, npmTarball(manifest))) as { _attachments: Record<string, { data: string; length: number }>; versions: Record<string, { dist: Record<string, string> }> };
    const variants: [number, string, (copy: typeof body) => void][] = [
      [409, 'CHECKSUM_MISMATCH', (copy) => { copy.versions['1.0.0']!.dist['integrity'] = `sha512-${Buffer.alloc(64).toString('base64')}`; }],
      [409, 'CHECKSUM_MISMATCH', (copy) => { copy.versions['1.0.0']!.dist['shasum'] = '0'.repeat(40); }],
      [400, 'BODY_INVALID', (copy) => { copy._attachments['broken-1.0.0.tgz']!.length += 1; }],
      [400, 'BODY_INVALID', (copy) => { copy._attachments['broken-1.0.0.tgz']!.data = '!!!'; }],
      [400, 'PACKAGE_INVALID', (copy) => {
        const other = npmTarball({ name: 'other', version: '1.0.0' });
        copy._attachments['broken-1.0.0.tgz'] = { data: other.toString('base64'), length: other.length };
        copy.versions['1.0.0']!.dist = {};
      }],
    ];
    for (const [status, code, change] of variants) {
      const copy = structuredClone(body);
      change(copy);
      const answer = await a.client.put(registryPath('npm-local', 'broken'), JSON.stringify(copy), { headers: json });
      expect([answer.status, (answer.json() as { code: string }).code]).toEqual([status, code]);
    }
    for (const [path, sent] of [['broken', '{'], ['.dot', JSON.stringify(body)], ['BROKEN', publishBody({ name: 'BROKEN', version: '1.0.0' }, npmTarball({}))], ['broken', '{"name":"broken"}']] as const) {
      const answer = await a.client.put(registryPath('npm-local', path), sent, { headers: json });
      expect(answer.status, answer.text()).toBeLessThan(500);
      expect(answer.status).toBeGreaterThanOrEqual(400);
    }
    expect(await everywhere(cluster, 'npm-local', 'broken')).toBeNull();
    expect((await a.client.get('/api/storage/npm-local/broken')).status).toBe(404);
    const rows = await cluster.postgres.query(`select count(*)::int as count from blob join artifact on artifact.blob_id = blob.id where path like 'broken%'`, cluster.database);
    expect(rows[0]?.['count']).toBe(0);
  });

  it('follows tarballs that come, go and move as plain files', async () => {
    const put = (path: string, manifest: Record<string, unknown>) => b.client.put(`/npm-local/${path}`, npmTarball(manifest));
    expect((await put('@acme/plain/-/@acme/plain-1.0.0.tgz', { name: '@acme/plain', version: '1.0.0', bin: 'x.js' })).status).toBe(201);
    expect((await put('@acme/plain/-/plain-1.1.0.tgz', { name: '@acme/plain', version: '1.1.0' })).status).toBe(201);
    expect((await put('@acme/plain/-/plain-9.0.0.tgz', { name: '@acme/plain', version: '1.2.0' })).status).toBe(400);
    expect((await everywhere(cluster, 'npm-local', '@acme/plain'))!['dist-tags']).toEqual({ latest: '1.1.0' });
    // either way of writing the file's name finds it
    for (const file of ['@acme/plain-1.1.0.tgz', 'plain-1.1.0.tgz', '@acme%2fplain-1.1.0.tgz']) expect((await c.client.get(registryPath('npm-local', `@acme/plain/-/${file}`))).status).toBe(200);
    await makeRepository(cluster, 'npm-second', { rclass: 'local' });
    expect((await a.client.post('/api/copy/npm-local/@acme/plain?to=/npm-second/@acme/plain')).status).toBe(200);
    const copied = await everywhere(cluster, 'npm-second', '@acme/plain');
    expect(Object.keys(copied!.versions)).toEqual(['1.0.0', '1.1.0']);
    expect(copied!.versions['1.0.0']!.dist.tarball).toContain('/api/npm/npm-second/@acme/plain/-/@acme/plain-1.0.0.tgz');
    expect((await a.client.post('/api/move/npm-second/@acme/plain/-/plain-1.1.0.tgz?to=/npm-second/elsewhere/x.tgz')).status).toBe(200);
    expect(Object.keys((await everywhere(cluster, 'npm-second', '@acme/plain'))!.versions)).toEqual(['1.0.0']);
    // out of a repository that keeps nothing of its files, and to a place that says something else
    expect((await b.client.put('/generic-local/staged/plain.tgz', npmTarball({ name: '@acme/plain', version: '2.0.0' }))).status).toBe(201);
    expect((await a.client.post('/api/copy/generic-local/staged/plain.tgz?to=/npm-second/@acme/plain/-/plain-3.0.0.tgz')).status).toBe(400);
    expect((await c.client.post('/api/copy/generic-local/staged/plain.tgz?to=/npm-second/@acme/plain/-/plain-2.0.0.tgz')).status).toBe(200);
    expect((await a.client.post('/api/move/npm-second/elsewhere/x.tgz?to=/npm-second/@acme/plain/-/plain-1.1.0.tgz')).status).toBe(200);
    expect((await a.client.post('/api/copy/npm-second/@acme/plain/-/plain-1.1.0.tgz?to=/npm-second/@acme/plain/-/plain-1.2.0.tgz')).status).toBe(400);
    // and out of the trash can to another place
    expect((await a.client.delete('/generic-local/staged/plain.tgz')).status).toBe(204);
    expect((await b.client.post('/api/trash/restore/generic-local/staged/plain.tgz?to=/npm-second/@acme/other/-/other-2.0.0.tgz')).status).toBe(400);
    expect((await a.client.delete('/npm-second/@acme/plain/-/plain-2.0.0.tgz')).status).toBe(204);
    expect((await b.client.post('/api/trash/restore/generic-local/staged/plain.tgz?to=/npm-second/@acme/plain/-/plain-2.0.0.tgz')).status).toBe(200);
    expect(Object.keys((await everywhere(cluster, 'npm-second', '@acme/plain'))!.versions)).toEqual(['1.0.0', '1.1.0', '2.0.0']);
    expect((await c.client.delete('/npm-local/@acme/')).status).toBe(204);
    expect(await everywhere(cluster, 'npm-local', '@acme/plain')).toBeNull();
    expect(await everywhere(cluster, 'npm-local', '@acme/busy')).toBeNull();
  });
});

describe('the packument', () => {
  it('comes whole or abbreviated, compressed or not, and not at all when it is known', async () => {
    await publish(a.client, 'npm-local', {
      name: 'forms', version: '1.0.0', description: 'x', dependencies: { a: '1' }, peerDependencies: { b: '2' }, engines: { node: '>=20' }, os: ['linux'], cpu: ['x64'], bin: { forms: 'x.js' },
      scripts: { postinstall: 'true', test: 'x' }, exports: { z: './z.js', a: './a.js' },
    });
    const agent = new Agent();
    const get = async (headers: Record<string, string>) => {
      const answer = await request(`${b.url}/artifactory${registryPath('npm-local', 'forms')}`, {
        dispatcher: agent, headers: { authorization: `Basic ${Buffer.from(`${cluster.admin.user}:${cluster.admin.password}`).toString('base64')}`, ...headers },
      });
      return { status: answer.statusCode, headers: answer.headers, bytes: Buffer.from(await answer.body.arrayBuffer()) };
    };
    const plain = await get({});
    const compressed = await get({ 'accept-encoding': 'gzip' });
    expect(compressed.headers['content-encoding']).toBe('gzip');
    expect(gunzipSync(compressed.bytes).equals(plain.bytes)).toBe(true);
    expect(compressed.headers['etag']).toBe(plain.headers['etag']);
    expect((await get({ 'if-none-match': String(plain.headers['etag']) })).status).toBe(304);
    const short = await get(abbreviated);
    expect(short.headers['content-type']).toBe('application/vnd.npm.install-v1+json');
    expect(short.headers['etag']).not.toBe(plain.headers['etag']);
    const full = JSON.parse(plain.bytes.toString()) as Record<string, unknown> & { versions: Record<string, Record<string, unknown>> };
    expect(full).toMatchObject({ _id: 'forms', description: 'x', maintainers: [{ name: cluster.admin.user }], readme: '' });
    expect(Object.keys(full.versions['1.0.0']!['exports'] as object)).toEqual(['z', 'a']);
    const small = JSON.parse(short.bytes.toString()) as { versions: Record<string, Record<string, unknown>> };
    expect(small.versions['1.0.0']).toEqual({
      name: 'forms', version: '1.0.0', dependencies: { a: '1' }, peerDependencies: { b: '2' }, engines: { node: '>=20' }, os: ['linux'], cpu: ['x64'], bin: { forms: 'x.js' },
      hasInstallScript: true, dist: (full.versions['1.0.0'] as { dist: unknown }).dist,
    });
    expect((await b.client.get(registryPath('npm-local', 'forms/latest'))).json()).toEqual(full.versions['1.0.0']);
    expect((await b.client.get(registryPath('npm-local', 'forms/2.0.0'))).status).toBe(404);
    await agent.destroy();
  });

  it('is answered from memory: hot requests send no statement', async () => {
    await publish(a.client, 'npm-local', { name: 'hot', version: '1.0.0' });
    const calls = async (): Promise<number> => Number((await cluster.postgres.query(`select sum(xact_commit + xact_rollback)::bigint as count from pg_stat_database where datname = current_database()`, cluster.database))[0]?.['count']);
    for (let at = 0; at < 50; at += 1) await packumentOf(c.client, 'npm-local', 'hot', abbreviated);
    // heartbeats and the like go on: the more the longer it takes, and the test's own looks at other nodes cost some
    let extra = Infinity;
    for (let attempt = 0; attempt < 5 && extra >= 500; attempt += 1) {
      const before = await calls();
      const begun = performance.now();
      for (let at = 0; at < 2000; at += 1) await packumentOf(c.client, 'npm-local', 'hot', abbreviated);
      const tookMs = performance.now() - begun;
      const between = await calls();
      await pause(tookMs);
      extra = (between - before) - (await calls() - between);
    }
    expect(extra).toBeLessThan(500);
  });
});

describe('changing a package', () => {
  it('takes versions back only from those who know what is there', async () => {
    for (const version of ['1.0.0', '1.1.0']) await publish(a.client, 'npm-local', { name: 'taken', version });
    const seen = (await packumentOf(b.client, 'npm-local', 'taken'))!;
    await publish(c.client, 'npm-local', { name: 'taken', version: '1.2.0' });
    const { ['1.1.0']: _gone, ...kept } = seen.versions;
    const stale = await b.client.put(registryPath('npm-local', `taken/-rev/${seen._rev}`), JSON.stringify({ ...seen, versions: kept }), { headers: json });
    expect([stale.status, (stale.json() as { code: string }).code]).toEqual([409, 'REVISION_CONFLICT']);
    expect(Object.keys((await everywhere(cluster, 'npm-local', 'taken'))!.versions)).toEqual(['1.0.0', '1.1.0', '1.2.0']);

    const now = (await packumentOf(b.client, 'npm-local', 'taken'))!;
    const { ['1.2.0']: _last, ...rest } = now.versions;
    const id = randomUUID();
    const body = JSON.stringify({ ...now, versions: rest, 'dist-tags': { latest: '1.1.0' } });
    const change = (node: TestNode) => node.client.put(registryPath('npm-local', `taken/-rev/${now._rev}`), body, { headers: { ...json, ...replay(id).headers } });
    const done = await change(b);
    expect(done.status, done.text()).toBe(200);
    expect((await change(a)).text()).toBe(done.text());
    expect((await everywhere(cluster, 'npm-local', 'taken'))!['dist-tags']).toEqual({ latest: '1.1.0' });
    // the second half of npm's unpublish finds it done
    expect((await c.client.delete(registryPath('npm-local', 'taken/-/taken-1.2.0.tgz/-rev/1-x'))).status).toBe(200);
    expect((await a.client.delete(registryPath('npm-local', `taken/-rev/${now._rev}`))).status).toBe(409);
    const last = (await packumentOf(a.client, 'npm-local', 'taken'))!;
    expect((await a.client.delete(registryPath('npm-local', `taken/-rev/${last._rev}`))).status).toBe(200);
    expect(await everywhere(cluster, 'npm-local', 'taken')).toBeNull();
    expect((await a.client.get('/npm-local/taken/-/taken-1.0.0.tgz')).status).toBe(404);
  });

  it('sets and removes tags, the same on every node at once', async () => {
    for (const version of ['1.0.0', '2.0.0-rc.1', '1.1.0']) await publish(a.client, 'npm-local', { name: 'tagged', version }, { tag: version.includes('rc') ? 'next' : 'latest' });
    const tags = async (): Promise<unknown> => (await everywhere(cluster, 'npm-local', 'tagged'))!['dist-tags'];
    expect(await tags()).toEqual({ latest: '1.1.0', next: '2.0.0-rc.1' });
    const url = registryPath('npm-local', '-/package/tagged/dist-tags');
    expect((await b.client.put(`${url}/stable`, '"1.0.0"', { headers: json })).status).toBe(200);
    expect((await c.client.get(url)).json()).toEqual({ latest: '1.1.0', next: '2.0.0-rc.1', stable: '1.0.0' });
    expect((await a.client.put(`${url}/stable`, '"9.0.0"', { headers: json })).status).toBe(404);
    expect((await a.client.put(`${url}/1.x`, '"1.0.0"', { headers: json })).status).toBe(400);
    expect((await a.client.delete(`${url}/latest`)).status).toBe(400);
    expect((await a.client.delete(`${url}/stable`)).status).toBe(200);
    expect((await a.client.delete(`${url}/stable`)).status).toBe(404);
    expect((await a.client.post(url, { old: '1.0.0' })).status).toBe(200);
    expect((await a.client.put(url, JSON.stringify({ latest: '1.0.0' }), { headers: json })).status).toBe(200);
    expect(await tags()).toEqual({ latest: '1.0.0' });
    // a tag of a version that is gone names nothing
    expect((await b.client.delete('/npm-local/tagged/-/tagged-1.0.0.tgz')).status).toBe(204);
    expect(await tags()).toEqual({ latest: '1.1.0' });
    // and does not come back with another version of that number
    expect((await b.client.put(`${url}/stable`, '"2.0.0-rc.1"', { headers: json })).status).toBe(200);
    expect((await b.client.put(`${url}/latest`, '"2.0.0-rc.1"', { headers: json })).status).toBe(200);
    expect((await c.client.delete('/npm-local/tagged/-/tagged-2.0.0-rc.1.tgz')).status).toBe(204);
    await publish(a.client, 'npm-local', { name: 'tagged', version: '2.0.0-rc.1' }, { tag: 'next' });
    expect(await tags()).toEqual({ latest: '1.1.0', next: '2.0.0-rc.1' });
  });

  it('knows whose packages are whose: patterns of a permission mean packuments, tarballs, tags and results of a search', async () => {
    for (const name of ['@own/lib', '@others/lib']) await publish(a.client, 'npm-local', { name, version: '1.0.0', keywords: ['patterned'] });
    await a.client.put('/api/security/users/olga', JSON.stringify({ name: 'olga', password: 'a long password', role: 'user', email: 'o@example.org' }), { headers: json });
    const target = await b.client.put('/api/v2/security/permissions/own', JSON.stringify({
      name: 'own', repo: { repositories: ['npm-local'], 'include-patterns': ['@own/**'], actions: { users: { olga: ['read', 'write'] } } },
    }), { headers: json });
    expect(target.status, target.text()).toBeLessThan(300);
    const olga = { user: 'olga', password: 'a long password' };
    const status = async (path: string): Promise<number> => (await c.client.get(registryPath('npm-local', path), { as: olga })).status;
    for (const path of ['lib', 'lib/1.0.0', 'lib/-/@own/lib-1.0.0.tgz']) expect(await status(`@own/${path}`), path).toBe(200);
    expect(await status('-/package/@own%2flib/dist-tags')).toBe(200);
    for (const path of ['lib', 'lib/1.0.0', 'lib/-/@others/lib-1.0.0.tgz']) expect(await status(`@others/${path}`), path).toBe(403);
    const found = (await b.client.get(registryPath('npm-local', '-/v1/search?text=patterned'), { as: olga })).json() as { objects: { package: { name: string } }[] };
    expect(found.objects.map((object) => object.package.name)).toEqual(['@own/lib']);
    expect((await publish(a.client, 'npm-local', { name: '@own/lib', version: '1.1.0' }, { as: olga })).status).toBe(201);
    expect((await publish(a.client, 'npm-local', { name: '@others/lib', version: '1.1.0' }, { as: olga })).status).toBe(403);
    const seen = (await packumentOf(a.client, 'npm-local', '@own/lib'))!;
    expect((await b.client.delete(registryPath('npm-local', `@own/lib/-rev/${seen._rev}`), { as: olga })).status).toBe(403);
  });

  it('writes lines for .npmrc as Artifactory does', async () => {
    const { user, password } = cluster.admin;
    const pair = Buffer.from(`${user}:${password}`).toString('base64');
    expect((await a.client.get('/api/npm/auth')).text()).toContain(`_auth = ${pair}\n`);
    const scoped = (await b.client.get(registryPath('npm-local', 'auth/acme'))).text();
    expect(scoped).toContain(`@acme:registry=${cluster.balancer.url}/artifactory/api/npm/npm-local/\n`);
    expect(scoped).toContain(`/artifactory/api/npm/npm-local/:_auth=${pair}\n`);
    expect((await b.client.get('/api/npm/auth', { as: null })).status).toBe(401);
  });

  it('refuses who may not, in the form that npm reads', async () => {
    const nobody = await publish(a.client, 'npm-local', { name: 'nobody', version: '1.0.0' }, { as: null });
    expect([nobody.status, Object.keys(nobody.json() as object)]).toEqual([401, expect.arrayContaining(['error', 'reason', 'code'])]);
    await a.client.put('/api/security/users/rita', JSON.stringify({ name: 'rita', password: 'a long password', role: 'reader', email: 'r@example.org' }), { headers: json });
    const rita = { user: 'rita', password: 'a long password' };
    expect((await publish(b.client, 'npm-local', { name: 'nobody', version: '1.0.0' }, { as: rita })).status).toBe(403);
    expect((await b.client.put(registryPath('npm-local', '-/package/tagged/dist-tags/x'), '"1.1.0"', { headers: json, as: rita })).status).toBe(403);
    const seen = (await packumentOf(a.client, 'npm-local', 'tagged'))!;
    expect((await b.client.delete(registryPath('npm-local', `tagged/-rev/${seen._rev}`), { as: rita })).status).toBe(403);
    expect((await b.client.get(registryPath('npm-local', 'tagged'), { as: rita })).status).toBe(200);
    expect((await b.client.get(registryPath('generic-local', 'tagged'))).status).toBe(404);
    expect((await b.client.request(registryPath('npm-local', 'tagged'), { method: 'POST' })).status).toBe(405);
  });
});
