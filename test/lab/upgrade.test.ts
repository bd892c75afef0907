import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { MavenBuilds } from '../clients/maven/builds.ts';
import { deployDebianRepository, requireMaven } from '../clients/maven/debian-repository.ts';
import { RealBalancer } from '../cluster/balancers/real-balancer.ts';
import { freePort } from '../harness/free-port.ts';
import { greeted } from '../harness/next-version.ts';
import { RawLoad } from '../harness/raw-load.ts';
import { waitFor } from '../harness/wait-for.ts';
import { addHosts } from './lan-room.ts';
import { outcomeOf, startUpgradeCluster, type UpgradeCluster } from './upgrade-cluster.ts';

/** What has to go well with three nodes under load. What one host goes through is in maintenance.test.ts. */
const names = ['one', 'two', 'three'] as const;

const clean = new AsyncDisposableStack();
let cluster: UpgradeCluster;

beforeAll(async () => {
  requireMaven();
  cluster = clean.use(await startUpgradeCluster(names, [{ version: '0.2.0' }, { version: '0.2.1', endsWith: 7 }]));
});
afterAll(() => clean.disposeAsync());

const cutUpload = '0.0.7-0000000d';

/** Former releases, an upload that was cut, and on one host a process that still runs from a former release. Resolves to the two that go. */
async function addOldReleases(): Promise<[used: string, older: string]> {
  const former = ['0.0.8-0000000a', '0.0.8-0000000b', '0.0.9-0000000c'] as const;
  for (const name of names) {
    await cluster.lab.host(name).run('sh', '-c', `cd /opt/bulkhead/releases && mkdir ${cutUpload} && touch ${cutUpload}/node && for r in ${former.join(' ')}; do cp -al ${cluster.first} $r; done; touch -d @3 ${former[2]}; touch -d @2 ${former[0]}; touch -d @1 ${former[1]}`);
  }
  await cluster.lab.host('two').run('systemd-run', '--quiet', '--unit=old-process', `/opt/bulkhead/releases/${former[0]}/node`, '-e', 'setInterval(() => {}, 1000)');
  return [former[0], former[1]];
}

it('upgrades three nodes to a version with another schema and new messages, the master last, and neither clients nor Maven builds see it', async () => {
  const { lab, clusterId, first, admin, balancer } = cluster;
  const { client } = await cluster.reopen('0.2.0');
  const [used, older] = await addOldReleases();
  const plan = await client.call('upgrade.plan', { clusterId });
  expect(plan).toMatchObject({ allowed: true, batch: 1 });
  for (const { removes } of plan.nodes) expect(removes).toEqual([used, older, cutUpload]);
  expect(plan.nodes.map(({ master, from, batch }) => [master, from, batch])).toEqual([[false, first, 1], [false, first, 2], [true, first, 3]]);
  await expect(client.call('upgrade.start', { clusterId, batch: 3 })).rejects.toMatchObject({ code: 'CAPACITY_TOO_SMALL' });
  await expect(client.call('upgrade.start', { clusterId, to: '9.9.9-00000000' })).rejects.toMatchObject({ code: 'RELEASE_NOT_THERE' });

  await using products = new AsyncDisposableStack();
  const nodes = names.map((nodeId) => ({ nodeId, url: `http://${lab.target(nodeId).address}:8081`, state: 'serving' as const }));
  const fronts = await Promise.all((['nginx', 'haproxy', 'apache'] as const).map(async (product) => products.use(await RealBalancer.start(product, await freePort(), nodes))));
  await deployDebianRepository(balancer.client);
  const behind = fronts.map(({ product, url }) => ({ product, load: new RawLoad({ url, ...admin, workers: 1, folder: product }) }));
  const builds = new MavenBuilds(Object.fromEntries([...fronts.map(({ product, url }) => [product, url] as const), ['embedded', balancer.url] as const].map(([name, url]) => [name, { url, ...admin }])));
  const clients = cluster.load();
  const startedAt = performance.now();
  const begun = await client.call('upgrade.start', { clusterId });
  await expect(client.call('upgrade.start', { clusterId })).rejects.toMatchObject({ code: 'UPGRADE_RUNNING' });
  const run = await cluster.ended();
  console.log(`three nodes upgraded after ${((performance.now() - startedAt) / 1000).toFixed(1)} s, planned ${plan.seconds.toFixed(0)} s`);
  const [report, built, reports] = await Promise.all([clients.stop(), builds.stop(), Promise.all(behind.map(async ({ product, load: each }) => ({ product, ...await each.stop() })))]);
  for (const { nodeId, startedAt: from, endedAt } of run.nodes) console.log(`${nodeId} ${(((endedAt ?? 0) - (from ?? 0)) / 1000).toFixed(1)} s`, (await lab.host(nodeId).run('sh', '-c', 'grep -h ^@ /var/lib/bulkhead/runs/*.log')).split('\n').map((line) => line.slice(6)).join(' | '));
  console.log(`${report.reads} reads and ${report.writes} writes meanwhile`);
  for (const { product, reads, writes } of reports) console.log(`behind ${product} ${reads} and ${writes}`);
  console.log(`Maven builds ${JSON.stringify(built.builds)} with ${String(built.downloads)} downloads`);
  expect(outcomeOf(run)).toEqual(['done', null, run.nodes.map(({ nodeId }) => [nodeId, 'done'])]);
  expect(report.failures).toEqual([]);
  expect(built.failures).toEqual([]);
  expect(built.downloads).toBeGreaterThan(400);
  expect(reports.map(({ product, failures }) => [product, failures])).toEqual([['nginx', []], ['haproxy', []], ['apache', []]]);
  expect(report.writes).toBeGreaterThan(20);
  for (const { writes } of reports) expect(writes).toBeGreaterThan(10);
  expect(await cluster.version()).toBe('0.2.0');
  // the former one and one more stay, and what a process runs from
  expect(await Promise.all(names.map((name) => cluster.kept(name)))).toEqual(names.map((name) => [...(name === 'two' ? [used] : []), '0.0.9-0000000c', first, plan.to].sort()));
  expect(run.nodes.find(({ nodeId }) => nodeId === 'two')?.lines).toEqual(expect.arrayContaining([`kept ${used}: a process runs from it`, `removed ${older}`]));
  for (const name of names) expect(await lab.host(name).run('sh', '-c', 'ls -d /opt/bulkhead/removed 2> /dev/null || true')).toBe('');
  await lab.host('two').run('systemctl', 'stop', 'old-process');
  const logs = await Promise.all(names.map((name) => lab.host(name).run('journalctl', '--namespace=+bulkhead', '--unit', 'bulkhead-node', '--output', 'cat', '--no-pager')));
  expect(logs.filter((log) => log.includes(greeted)).length).toBeGreaterThan(1);
  const record = JSON.parse(await lab.host('one').run('cat', `/var/lib/bulkhead/runs/${begun.runId}.json`)) as { id: string; progress: { turns: Record<string, { state: string }> } };
  expect(record).toMatchObject({ id: begun.runId, plan: { to: plan.to } });
  // on a busy machine a build takes a minute, and each balancer has its turn
});

it('puts a node back whose release does not come up, and stops there', async () => {
  const { client } = await cluster.reopen('0.2.1');
  const before = await cluster.releases();
  const clients = cluster.load();
  await client.call('upgrade.start', { clusterId: cluster.clusterId });
  const run = await cluster.ended();
  const report = await clients.stop();
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'STEP_FAILED', message: expect.stringContaining('The former release serves again') as string } });
  expect(run.nodes.map((node) => node.state)).toEqual(['put-back', 'waiting', 'waiting']);
  expect(run.nodes[0]?.lines.join('\n')).toContain('this version does not come up');
  expect(report.failures).toEqual([]);
  expect(await cluster.releases()).toEqual(before);
  for (const name of names) expect(await cluster.ping(name)).toBe('OK');
});

it('goes on by itself on the host when the desktop is killed; another desktop adopts the cluster and takes the run over', async () => {
  const { lab, clusterId, first, admin, drainNoticeMs } = cluster;
  await cluster.close();
  const desktop = spawn(process.execPath, [join(import.meta.dirname, 'upgrading-desktop.ts'), cluster.state(), cluster.bundle('0.2.0'), '0.2.0', clusterId, first], { stdio: ['ignore', 'pipe', 'inherit'] });
  clean.defer(() => { desktop.kill('SIGKILL'); });
  let runId = '';
  let nodeId = '';
  for await (const line of createInterface({ input: desktop.stdout })) {
    const [node = '', step] = line.split(' ');
    if (runId === '') runId = line;
    else if (step === 'stop' || step === 'switch' || step === 'start' || step === 'prove') {
      nodeId = node;
      break;
    }
  }
  const clients = cluster.load();
  desktop.kill('SIGKILL');
  await waitFor(`${nodeId} to have come to its end by itself`, async () => await cluster.release(nodeId) === first && await cluster.ping(nodeId) === 'OK', { timeoutMs: 300_000 });
  expect((await cluster.releases()).filter((each) => each === first)).toHaveLength(1);

  const room = await cluster.reopen('0.2.0', 'other');
  const { client } = room;
  await addHosts(room, lab, 'one');
  const found = await client.call('clusters.look', { hostId: 'one' });
  expect(found).toMatchObject({ state: 'new', knowsAdmin: false, halfReplaced: [], problem: null, run: { runId, kind: 'upgrade', nodes: 3 } });
  expect(found.nodes.map((each) => [each.nodeId, each.host?.name ?? null]).sort()).toEqual([['one', 'one'], ['three', null], ['two', null]]);
  expect((await client.call('hosts.list', {})).map(({ name }) => name)).toEqual(['one']);
  const adopted = await client.call('clusters.adopt', { hostId: 'one', adminPassword: admin.password });
  expect(adopted).toMatchObject({ run: runId, admin: 'known', cluster: { settings: { name: clusterId, drainNoticeMs } } });
  expect(adopted.nodes.map((each) => [each.nodeId, each.state]).sort()).toEqual([['one', 'ready'], ['three', 'trust-key'], ['two', 'trust-key']]);
  for (const each of adopted.nodes.filter(({ state: how }) => how === 'trust-key')) {
    const { key } = await client.call('hosts.key', { hostId: each.hostId });
    await client.call('hosts.trust', { hostId: each.hostId, fingerprint: key?.fingerprint ?? '' });
  }
  expect(await client.call('upgrade.show', { clusterId, runId })).toMatchObject({ here: false });
  await waitFor('the run to be left', () => client.call('upgrade.resume', { clusterId, runId }).then(() => true, () => false), { timeoutMs: 300_000, everyMs: 1000 });
  const run = await cluster.ended();
  const report = await clients.stop();
  expect(outcomeOf(run)).toEqual(['done', null, run.nodes.map((node) => [node.nodeId, 'done'])]);
  expect(report.failures).toEqual([]);
  expect(await cluster.releases()).toEqual(names.map(() => first));
  expect(await cluster.version()).toBe('0.1.0');
});
