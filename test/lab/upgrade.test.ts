import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { UpgradeRun } from '../../electron/contract/index.ts';
import { ensureBuilt, projectRoot } from '../../scripts/build.ts';
import { MavenBuilds } from '../clients/maven/builds.ts';
import { deployDebianRepository, requireMaven } from '../clients/maven/debian-repository.ts';
import { RealBalancer } from '../cluster/balancers/real-balancer.ts';
import { ClusterBalancer } from '../harness/cluster-processes.ts';
import { freePort } from '../harness/free-port.ts';
import { buildNextVersion, greeted } from '../harness/next-version.ts';
import { RawLoad } from '../harness/raw-load.ts';
import { temporaryFolder, type TemporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { startLab, type Lab } from './lab.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';

const names = ['one', 'two', 'three'] as const;
const clusterId = 'art';
/** as in production: HAProxy and Apache learn of a drain by their checks, every second */
const drainNoticeMs = 3000;
/** A busy machine takes several times as long as a quiet one. */
const patient = 420_000;
const admin = { user: 'admin', password: 'a new password of the test' };
const current = join(projectRoot, 'out', 'server-bundle', 'bulkhead-node.cjs');

const clean = new AsyncDisposableStack();
let lab: Lab;
let folder: TemporaryFolder;
let room: LanRoom;
let balancer: ClusterBalancer;
let first = '';

const state = (name = 'state'): string => join(folder.path, name);
const bundle = (version: string): string => join(folder.path, version, 'bulkhead-node.cjs');
const next = (): Promise<LanRoom> => openLanRoom(state(), { bundle: bundle('0.2.0'), version: '0.2.0' });
const load = (): RawLoad => new RawLoad({ url: balancer.url, ...admin });
const link = (name: string): Promise<string> => lab.host(name).run('readlink', '/opt/bulkhead/current').then((text) => text.trim().replace('releases/', ''));
const ping = async (name: string): Promise<string> => (await fetch(`http://${lab.target(name).address}:8081/artifactory/api/system/ping`).catch(() => null))?.text() ?? '';
const versions = async (): Promise<string[]> => {
  const answer = await fetch(`${balancer.url}/artifactory/api/system/version`, { headers: { authorization: `Basic ${Buffer.from(`${admin.user}:${admin.password}`).toString('base64')}` } });
  return [((await answer.json()) as { revision: string }).revision];
};

const releases = (name: string): Promise<string[]> => lab.host(name).run('ls', '/opt/bulkhead/releases').then((text) => text.trim().split('\n').sort());
const cutUpload = '0.0.7-0000000d';

/** Former releases, an upload that was cut, and on one host a process that still runs from a former release. Resolves to the two that go. */
async function addOldReleases(): Promise<[used: string, older: string]> {
  const former = ['0.0.8-0000000a', '0.0.8-0000000b', '0.0.9-0000000c'] as const;
  for (const name of names) {
    await lab.host(name).run('sh', '-c', `cd /opt/bulkhead/releases && mkdir ${cutUpload} && touch ${cutUpload}/node && for r in ${former.join(' ')}; do cp -al ${first} $r; done; touch -d @3 ${former[2]}; touch -d @2 ${former[0]}; touch -d @1 ${former[1]}`);
  }
  await lab.host('two').run('systemd-run', '--quiet', '--unit=old-process', `/opt/bulkhead/releases/${former[0]}/node`, '-e', 'setInterval(() => {}, 1000)');
  return [former[0], former[1]];
}

/** Until the latest run has come to a stand. */
async function ended({ client }: LanRoom): Promise<UpgradeRun> {
  return new Promise((resolve, reject) => {
    const stop = client.subscribe('upgrade.watch', { clusterId }, {
      item: (run) => {
        if (run === null || ['running', 'pausing', 'rolling-back'].includes(run.state)) return;
        stop();
        resolve(run);
      },
      error: reject,
    });
  });
}

const outcome = ({ state: how, failure, nodes }: UpgradeRun): unknown => [how, failure?.message ?? null, nodes.map((node) => [node.nodeId, node.state])];

beforeAll(async () => {
  await ensureBuilt(['node']);
  folder = clean.use(await temporaryFolder('upgrade'));
  const builds = Promise.all([buildNextVersion(bundle('0.2.0'), { version: '0.2.0' }), buildNextVersion(bundle('0.2.1'), { version: '0.2.1', endsWith: 7 })]);
  // told below: hosts that are on their way up have to be in hand before anything may fail
  builds.catch(() => undefined);
  lab = clean.use(await startLab({ hosts: names.map((name) => ({ name })), database: 'process' }));
  await builds;
  room = await openLanRoom(state());
  clean.defer(() => room.close());
  await addHosts(room, lab, ...names);
  await createLanCluster(room, lab, clusterId, drainNoticeMs);
  const runs = await room.client.call('nodes.provision', { clusterId, hostIds: [...names] });
  expect(runs.map(({ state: how, failure }) => [how, failure])).toEqual(names.map(() => ['done', null]));
  first = await link('one');
  const { password } = JSON.parse(await lab.host('one').run('/opt/bulkhead/current/node', '/opt/bulkhead/current/bulkhead-node.cjs', 'reset-admin', '--config', '/etc/bulkhead/node.yaml', '--json')) as { password: string };
  admin.password = password;
  const port = await freePort();
  const configFile = join(folder.path, 'balancer.yaml');
  await writeFile(configFile, stringify({
    listen: { host: '127.0.0.1', port }, health: { intervalMs: 50, timeoutMs: 500 },
    backends: names.map((name) => ({ nodeId: name, url: `http://${lab.target(name).address}:8081` })),
  }));
  balancer = new ClusterBalancer({ port, configFile, bundle: current, folder: folder.path, admin });
  clean.defer(() => balancer.end());
  await balancer.start();
  await waitFor('a node behind the balancer', async () => (await balancer.client.get('/api/system/ping')).status === 200);
}, 400_000);
afterAll(() => clean.disposeAsync());

it('upgrades three nodes to a version with another schema and new messages, the master last, and neither clients nor Maven builds see it', async () => {
  await room.close();
  room = await next();
  const { client } = room;
  const [used, older] = await addOldReleases();
  const plan = await client.call('upgrade.plan', { clusterId });
  expect(plan).toMatchObject({ allowed: true, batch: 1 });
  for (const { removes } of plan.nodes) expect(removes).toEqual([used, older, cutUpload]);
  expect(plan.nodes.map(({ master, from, batch }) => [master, from, batch])).toEqual([[false, first, 1], [false, first, 2], [true, first, 3]]);
  await expect(client.call('upgrade.start', { clusterId, batch: 3 })).rejects.toMatchObject({ code: 'CAPACITY_TOO_SMALL' });
  await expect(client.call('upgrade.start', { clusterId, to: '9.9.9-00000000' })).rejects.toMatchObject({ code: 'RELEASE_NOT_THERE' });

  await using products = new AsyncDisposableStack();
  const nodes = names.map((nodeId) => ({ nodeId, url: `http://${lab.target(nodeId).address}:8081`, state: 'serving' as const }));
  const behind = [];
  for (const product of ['nginx', 'haproxy', 'apache'] as const) {
    const front = products.use(await RealBalancer.start(product, await freePort(), nodes));
    behind.push({ product, url: front.url, load: new RawLoad({ url: front.url, ...admin, workers: 1, folder: product }) });
  }
  requireMaven();
  await deployDebianRepository(balancer.client);
  const builds = new MavenBuilds({ url: behind[0]?.url ?? '', ...admin });
  const clients = load();
  const startedAt = performance.now();
  const begun = await client.call('upgrade.start', { clusterId });
  await expect(client.call('upgrade.start', { clusterId })).rejects.toMatchObject({ code: 'UPGRADE_RUNNING' });
  const run = await ended(room);
  console.log(`three nodes upgraded after ${((performance.now() - startedAt) / 1000).toFixed(1)} s, planned ${plan.seconds.toFixed(0)} s`);
  const report = await clients.stop();
  const built = await builds.stop();
  const reports = await Promise.all(behind.map(async ({ product, load: each }) => ({ product, ...await each.stop() })));
  for (const { nodeId, startedAt: from, endedAt } of run.nodes) console.log(`${nodeId} ${(((endedAt ?? 0) - (from ?? 0)) / 1000).toFixed(1)} s`, (await lab.host(nodeId).run('sh', '-c', 'grep -h ^@ /var/lib/bulkhead/runs/*.log')).split('\n').map((line) => line.slice(6)).join(' | '));
  console.log(`${report.reads} reads and ${report.writes} writes meanwhile`);
  expect(outcome(run)).toEqual(['done', null, run.nodes.map(({ nodeId }) => [nodeId, 'done'])]);
  for (const { product, reads, writes } of reports) console.log(`behind ${product} ${reads} and ${writes}`);
  console.log(`${String(built.builds)} Maven builds behind nginx with ${String(built.downloads)} downloads`);
  expect(report.failures).toEqual([]);
  expect(built.failures).toEqual([]);
  expect(built.downloads).toBeGreaterThan(100);
  expect(reports.map(({ product, failures }) => [product, failures])).toEqual([['nginx', []], ['haproxy', []], ['apache', []]]);
  expect(report.writes).toBeGreaterThan(20);
  for (const { writes } of reports) expect(writes).toBeGreaterThan(10);
  expect(await versions()).toEqual(['0.2.0']);
  // the former one and one more stay, and what a process runs from
  expect(await Promise.all(names.map(releases))).toEqual(names.map((name) => [...(name === 'two' ? [used] : []), '0.0.9-0000000c', first, plan.to].sort()));
  expect(run.nodes.find(({ nodeId }) => nodeId === 'two')?.lines).toEqual(expect.arrayContaining([`kept ${used}: a process runs from it`, `removed ${older}`]));
  for (const name of names) expect(await lab.host(name).run('sh', '-c', 'ls -d /opt/bulkhead/removed 2> /dev/null || true')).toBe('');
  await lab.host('two').run('systemctl', 'stop', 'old-process');
  const logs = await Promise.all(names.map((name) => lab.host(name).run('journalctl', '--unit', 'bulkhead-node', '--output', 'cat', '--no-pager')));
  expect(logs.filter((log) => log.includes(greeted)).length).toBeGreaterThan(1);
  const record = JSON.parse(await lab.host('one').run('cat', `/var/lib/bulkhead/runs/${begun.runId}.json`)) as { id: string; progress: { turns: Record<string, { state: string }> } };
  expect(record).toMatchObject({ id: begun.runId, plan: { to: plan.to } });
}, patient);

it('puts a node back whose release does not come up, and stops there', async () => {
  await room.close();
  room = await openLanRoom(state(), { bundle: bundle('0.2.1'), version: '0.2.1' });
  const before = await Promise.all(names.map(link));
  const clients = load();
  await room.client.call('upgrade.start', { clusterId });
  const run = await ended(room);
  const report = await clients.stop();
  expect(run).toMatchObject({ state: 'failed', failure: { code: 'STEP_FAILED', message: expect.stringContaining('The former release serves again') as string } });
  expect(run.nodes.map((node) => node.state)).toEqual(['put-back', 'waiting', 'waiting']);
  expect(run.nodes[0]?.lines.join('\n')).toContain('this version does not come up');
  expect(report.failures).toEqual([]);
  expect(await Promise.all(names.map(link))).toEqual(before);
  for (const name of names) expect(await ping(name)).toBe('OK');
}, patient);

it('goes on by itself on the host when the desktop is killed; another desktop adopts the cluster and takes the run over', async () => {
  await room.close();
  const desktop = spawn(process.execPath, [join(import.meta.dirname, 'upgrading-desktop.ts'), state(), bundle('0.2.0'), '0.2.0', clusterId, first], { stdio: ['ignore', 'pipe', 'inherit'] });
  clean.defer(() => { desktop.kill('SIGKILL'); });
  const lines = createInterface({ input: desktop.stdout });
  let runId = '';
  let nodeId = '';
  for await (const line of lines) {
    const [node = '', step] = line.split(' ');
    if (runId === '') runId = line;
    else if (step === 'stop' || step === 'switch' || step === 'start' || step === 'prove') {
      nodeId = node;
      break;
    }
  }
  const clients = load();
  desktop.kill('SIGKILL');
  await waitFor(`${nodeId} to have come to its end by itself`, async () => await link(nodeId) === first && await ping(nodeId) === 'OK', { timeoutMs: 60_000 });
  expect((await Promise.all(names.map(link))).filter((each) => each === first)).toHaveLength(1);

  room = await openLanRoom(state('other'), { bundle: bundle('0.2.0'), version: '0.2.0' });
  await addHosts(room, lab, 'one');
  const found = await room.client.call('clusters.look', { hostId: 'one' });
  expect(found).toMatchObject({ state: 'new', knowsAdmin: false, halfReplaced: [], problem: null, run: { runId, kind: 'upgrade', nodes: 3 } });
  expect(found.nodes.map(({ nodeId, host }) => [nodeId, host?.name ?? null]).sort()).toEqual([['one', 'one'], ['three', null], ['two', null]]);
  expect((await room.client.call('hosts.list', {})).map(({ name }) => name)).toEqual(['one']);
  const adopted = await room.client.call('clusters.adopt', { hostId: 'one', adminPassword: admin.password });
  expect(adopted).toMatchObject({ run: runId, admin: 'known', cluster: { settings: { name: clusterId, drainNoticeMs } } });
  expect(adopted.nodes.map((each) => [each.nodeId, each.state]).sort()).toEqual([['one', 'ready'], ['three', 'trust-key'], ['two', 'trust-key']]);
  for (const each of adopted.nodes.filter(({ state: how }) => how === 'trust-key')) {
    const { key } = await room.client.call('hosts.key', { hostId: each.hostId });
    await room.client.call('hosts.trust', { hostId: each.hostId, fingerprint: key?.fingerprint ?? '' });
  }
  expect(await room.client.call('upgrade.show', { clusterId, runId })).toMatchObject({ here: false });
  await waitFor('the run to be left', () => room.client.call('upgrade.resume', { clusterId, runId }).then(() => true, () => false), { timeoutMs: 90_000, everyMs: 1000 });
  const run = await ended(room);
  const report = await clients.stop();
  expect(outcome(run)).toEqual(['done', null, run.nodes.map((node) => [node.nodeId, 'done'])]);
  expect(report.failures).toEqual([]);
  expect(await Promise.all(names.map(link))).toEqual(names.map(() => first));
  expect(await versions()).toEqual(['0.1.0']);
}, patient);

it('pauses between two nodes, and takes back what was done', async () => {
  const { client } = room;
  const clients = load();
  const { runId } = await client.call('upgrade.start', { clusterId });
  await waitFor('the first node to be under way', async () => (await client.call('upgrade.show', { clusterId, runId })).nodes[0]?.state === 'running');
  expect(await client.call('upgrade.pause', { clusterId, runId })).toMatchObject({ state: 'pausing' });
  const paused = await ended(room);
  expect([paused.state, paused.nodes.map((node) => node.state)]).toEqual(['paused', ['done', 'waiting', 'waiting']]);
  await expect(client.call('upgrade.start', { clusterId })).rejects.toMatchObject({ code: 'UPGRADE_RUNNING' });
  await client.call('upgrade.rollback', { clusterId, runId });
  const back = await ended(room);
  expect([back.state, back.nodes.map((node) => node.state)]).toEqual(['rolled-back', ['put-back', 'waiting', 'waiting']]);
  expect((await clients.stop()).failures).toEqual([]);
  expect(await Promise.all(names.map(link))).toEqual(names.map(() => first));
}, patient);

it('keeps a node in maintenance until its end, and restarts one', async () => {
  const { client } = room;
  const until = Date.now() + 3_600_000;
  expect(await client.call('maintenance.start', { clusterId, nodeId: 'two', until, note: 'new disk' })).toMatchObject({ nodeId: 'two', note: 'new disk', observed: 'drained' });
  expect(await client.call('maintenance.list', {})).toMatchObject([{ nodeId: 'two', host: 'two', note: 'new disk' }]);
  expect(await ping('two')).toContain('DRAINING');
  await client.call('maintenance.end', { clusterId, nodeId: 'two' });
  expect(await client.call('maintenance.list', { clusterId })).toEqual([]);
  expect(await ping('two')).toBe('OK');

  const before = await lab.host('two').run('systemctl', 'show', '--property=MainPID', '--value', 'bulkhead-node');
  await client.call('nodes.restart', { clusterId, nodeId: 'two' });
  expect(outcome(await ended(room))).toEqual(['done', null, [['two', 'done']]]);
  expect(await lab.host('two').run('systemctl', 'show', '--property=MainPID', '--value', 'bulkhead-node')).not.toBe(before);
}, patient);

it('forgets a host that is gone: it is fenced when it comes back, until it is provisioned again', async () => {
  const { client } = room;
  await expect(client.call('nodes.forget', { clusterId, nodeId: 'three' })).rejects.toMatchObject({ code: 'NODE_SERVES' });
  await lab.host('three').losePower();
  await waitFor('three to be forgotten', () => client.call('nodes.forget', { clusterId, nodeId: 'three' }).then(() => true, () => false), { timeoutMs: 60_000 });
  expect((await client.call('clusters.lan', {}))[0]?.nodes.map(({ nodeId }) => nodeId).sort()).toEqual(['one', 'two']);
  await lab.host('three').boot();
  await waitFor('three to be refused', async () => (await (await fetch(`http://${lab.target('three').address}:8081/artifactory/api/v1/system/readiness`)).text()).includes('NODE_FORGOTTEN'), { timeoutMs: 60_000 });
  const [run] = await client.call('nodes.provision', { clusterId, hostIds: ['three'] });
  expect([run?.state, run?.failure]).toEqual(['done', null]);
  expect(await ping('three')).toBe('OK');
}, patient);

it('leaves nothing behind when a node that was upgraded is removed', async () => {
  expect(await room.client.call('nodes.remove', { clusterId, nodeId: 'three' })).toMatchObject({ state: 'done', failure: null });
  const left = await lab.host('three').run('sh', '-c', 'find / -xdev -path /proc -prune -o -path /sys -prune -o -path /var/log -prune -o -path /srv -prune -o -name "*bulkhead*" -print; getent passwd bulkhead || true; systemctl list-units --all --no-legend "bulkhead*"');
  expect(left.trim()).toBe('');
  const { view } = JSON.parse(await lab.host('one').run('/opt/bulkhead/current/node', '/opt/bulkhead/current/bulkhead-node.cjs', 'cluster', 'status', '--config', '/etc/bulkhead/node.yaml')) as { view: { nodes: { nodeId: string }[] } };
  expect(view.nodes.map(({ nodeId }) => nodeId)).toEqual(['one', 'two']);
}, patient);

it('switches the only node there is, once that is taken on by name', async () => {
  const { client } = room;
  expect(await client.call('nodes.remove', { clusterId, nodeId: 'two' })).toMatchObject({ state: 'done', failure: null });
  await expect(client.call('upgrade.start', { clusterId })).rejects.toMatchObject({ code: 'CAPACITY_TOO_SMALL', message: expect.stringContaining('nobody serves for about') as string });
  expect((await client.call('upgrade.plan', { clusterId })).allowed).toBe(false);
  await client.call('upgrade.start', { clusterId, keepReleases: 1, acceptWarnings: ['capacity'] });
  const run = await ended(room);
  expect(outcome(run)).toEqual(['done', null, [['one', 'done']]]);
  expect(await ping('one')).toBe('OK');
  expect(await releases('one')).toEqual([first, await link('one')].sort());
}, patient);
