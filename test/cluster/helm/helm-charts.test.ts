import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { buildChart } from '../../harness/charts.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { sha256, type NodeClient } from '../../harness/node-client.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster();
  await repository('helm-local');
});
afterAll(() => cluster.stop());

async function repository(key: string): Promise<void> {
  const made = await cluster.nodes[0]!.client.put(`/api/repositories/${key}`, JSON.stringify({ rclass: 'local', packageType: 'helm' }), { headers: { 'content-type': 'application/json' } });
  expect(made.status, made.text()).toBe(200);
}

interface Index { apiVersion: string; entries: Record<string, { version: string; digest: string; urls: string[]; created: string; appVersion?: string }[]> }
async function index(client: NodeClient, address = '/helm-local/index.yaml'): Promise<Index> {
  const answer = await client.get(address);
  expect([answer.status, answer.headers['content-type']]).toEqual([200, 'application/x-yaml']);
  return parse(answer.text()) as Index;
}

it('lists charts, newest first, and gives them with their provenance at the addresses that it names', async () => {
  const [first, second, third] = cluster.nodes.map((node) => node.client) as [NodeClient, NodeClient, NodeClient];
  expect((await index(first)).entries).toEqual({});
  const empty = (await first.get('/helm-local/index.yaml')).headers['etag'] as string;
  expect((await second.get('/helm-local/index.yaml', { headers: { 'if-none-match': empty } })).status).toBe(304);
  for (const [version, more] of [['1.2.0', []], ['1.10.0', ['appVersion: 1.10']], ['1.10.0-rc.1', []]] as const) {
    const { fileName, bytes } = buildChart('web', version, more);
    expect((await second.put(`/helm-local/charts/${fileName}`, bytes)).status).toBe(201);
  }
  expect((await second.put('/helm-local/charts/web-1.10.0.tgz.prov', '-----BEGIN PGP SIGNED MESSAGE-----\n')).status).toBe(201);
  for (const base of ['/helm-local/', '/api/helm/helm-local/']) {
    const { apiVersion, entries } = await index(third, `${base}index.yaml`);
    expect([apiVersion, entries['web']!.map(({ version }) => version)]).toEqual(['v1', ['1.10.0', '1.10.0-rc.1', '1.2.0']]);
    const [newest] = entries['web']!;
    const { bytes } = buildChart('web', '1.10.0', ['appVersion: 1.10']);
    expect(newest).toMatchObject({ digest: sha256(bytes), appVersion: '1.10', urls: ['charts/web-1.10.0.tgz'] });
    expect((await first.get(base + newest!.urls[0]!)).body.equals(bytes)).toBe(true);
    expect((await first.get(`${base}${newest!.urls[0]!}.prov`)).text()).toContain('PGP');
  }
  const etag = (await first.get('/helm-local/index.yaml')).headers['etag'] as string;
  expect((await second.get('/api/helm/helm-local/index.yaml', { headers: { 'if-none-match': etag } })).status).toBe(304);
  expect((await first.get('/api/helm/generic-local/index.yaml')).status).toBe(404);

  // what clients send as an index is taken and not kept
  expect((await first.put('/helm-local/index.yaml', 'apiVersion: v1\nentries: {}\n')).status).toBe(201);
  expect((await index(second)).entries['web']).toHaveLength(3);
});

it('refuses what is no chart, with nothing left behind', async () => {
  const { client } = cluster.nodes[0]!;
  const before = (await client.get('/helm-local/index.yaml')).text();
  const chart = buildChart('bad', '1.0.0').bytes;
  for (const bytes of [Buffer.from('no archive'), chart.subarray(0, 60), buildChart('bad', 'one').bytes, buildChart('../bad', '1.0.0').bytes]) {
    const answer = await client.put('/helm-local/bad-1.0.0.tgz', bytes);
    expect([answer.status, (answer.json() as { errors: { code: string }[] }).errors[0]!.code]).toEqual([400, 'PACKAGE_INVALID']);
  }
  const mismatch = await client.put('/helm-local/bad-1.0.0.tgz', chart, { headers: { 'x-checksum-sha256': '0'.repeat(64) } });
  expect(mismatch.status).toBe(409);
  expect((await client.get('/helm-local/bad-1.0.0.tgz')).status).toBe(404);
  expect((await client.get('/helm-local/index.yaml')).text()).toBe(before);
});

it('lists exactly what was acknowledged, on every node, while versions come, go, are copied and moved', async () => {
  await repository('helm-crowd');
  await repository('helm-moved');
  const failed: string[] = [];
  const versions = async (client: NodeClient, key: string): Promise<string[]> => ((await index(client, `/${key}/index.yaml`)).entries['crowd'] ?? []).map(({ version }) => version);
  const numbers = Array.from({ length: 60 }, (_, number) => number);
  await Promise.all([0, 1, 2, 3].map(async (worker) => {
    for (const number of numbers.filter((each) => each % 4 === worker)) {
      const version = `1.${String(number)}.0`;
      const { fileName, bytes } = buildChart('crowd', version);
      const [one, other] = [cluster.nodes[number % 3]!.client, cluster.nodes[(number + 1) % 3]!.client];
      const put = await one.put(`/helm-crowd/${fileName}`, bytes);
      if (put.status !== 201) failed.push(`${version}: ${String(put.status)} ${put.text()}`);
      if (!(await versions(other, 'helm-crowd')).includes(version)) failed.push(`${version} is not listed elsewhere`);
      if (number % 5 === 0) {
        expect((await other.delete(`/helm-crowd/${fileName}`)).status).toBe(204);
        if ((await versions(one, 'helm-crowd')).includes(version)) failed.push(`${version} is still listed`);
      } else if (number % 5 === 1) {
        expect((await other.post(`/api/move/helm-crowd/${fileName}?to=/helm-moved/${fileName}`)).status).toBe(200);
        if ((await versions(one, 'helm-crowd')).includes(version)) failed.push(`${version} is still listed where it was`);
        if (!(await versions(one, 'helm-moved')).includes(version)) failed.push(`${version} is not listed where it is`);
      }
    }
  }));
  expect(failed).toEqual([]);
  const newestFirst = (keep: (number: number) => boolean): string[] => numbers.filter(keep).reverse().map((number) => `1.${String(number)}.0`);
  for (const { client } of cluster.nodes) {
    expect(await versions(client, 'helm-crowd')).toEqual(newestFirst((number) => number % 5 > 1));
    expect(await versions(client, 'helm-moved')).toEqual(newestFirst((number) => number % 5 === 1));
  }
});
