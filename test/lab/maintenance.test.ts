import { afterAll, beforeAll, expect, it } from 'vitest';
import { waitFor } from '../harness/wait-for.ts';
import { outcomeOf, startUpgradeCluster, type UpgradeCluster } from './upgrade-cluster.ts';

/** What one host goes through from its upgrade to its removal, while the other one serves. Each test goes on from the one before. */
const names = ['one', 'two'] as const;

const clean = new AsyncDisposableStack();
let cluster: UpgradeCluster;
/** the host that all of it is about; and the one that stays, the master at the beginning */
let goes = '';
let stays = '';

beforeAll(async () => {
  cluster = clean.use(await startUpgradeCluster(names, [{ version: '0.2.0' }]));
  const { client } = await cluster.reopen('0.2.0');
  const { nodes } = await client.call('upgrade.plan', { clusterId: cluster.clusterId });
  [goes, stays] = nodes.map(({ nodeId }) => nodeId) as [string, string];
});
afterAll(() => clean.disposeAsync());

it('pauses between two nodes, and takes back what was done', async () => {
  const { client, clusterId } = cluster;
  const clients = cluster.load();
  const { runId } = await client.call('upgrade.start', { clusterId });
  await waitFor('the first node to be under way', async () => (await client.call('upgrade.show', { clusterId, runId })).nodes[0]?.state === 'running');
  expect(await client.call('upgrade.pause', { clusterId, runId })).toMatchObject({ state: 'pausing' });
  const paused = await cluster.ended();
  expect([paused.state, paused.nodes.map((node) => [node.nodeId, node.state])]).toEqual(['paused', [[goes, 'done'], [stays, 'waiting']]]);
  await expect(client.call('upgrade.start', { clusterId })).rejects.toMatchObject({ code: 'UPGRADE_RUNNING' });
  await client.call('upgrade.rollback', { clusterId, runId });
  expect(outcomeOf(await cluster.ended())).toEqual(['rolled-back', null, [[goes, 'put-back'], [stays, 'waiting']]]);
  expect((await clients.stop()).failures).toEqual([]);
  expect(await cluster.releases()).toEqual(names.map(() => cluster.first));
});

it('keeps a node in maintenance until its end, and restarts one, and no client sees it', async () => {
  const { client, clusterId, lab } = cluster;
  const clients = cluster.load();
  const until = Date.now() + 3_600_000;
  expect(await client.call('maintenance.start', { clusterId, nodeId: goes, until, note: 'new disk' })).toMatchObject({ nodeId: goes, note: 'new disk', observed: 'drained' });
  expect(await client.call('maintenance.list', {})).toMatchObject([{ nodeId: goes, host: goes, note: 'new disk' }]);
  expect(await cluster.ping(goes)).toContain('DRAINING');
  // either would let it serve again before its time
  for (const call of [() => client.call('nodes.restart', { clusterId, nodeId: goes }), () => client.call('upgrade.start', { clusterId })]) {
    await expect(call()).rejects.toMatchObject({ code: 'UPGRADE_REFUSED', message: expect.stringContaining(`${goes} is in maintenance`) as string });
  }
  await client.call('maintenance.end', { clusterId, nodeId: goes });
  expect(await client.call('maintenance.list', { clusterId })).toEqual([]);
  expect(await cluster.ping(goes)).toBe('OK');

  const processOf = (): Promise<string> => lab.host(goes).run('systemctl', 'show', '--property=MainPID', '--value', 'bulkhead-node');
  const before = await processOf();
  await client.call('nodes.restart', { clusterId, nodeId: goes });
  expect(outcomeOf(await cluster.ended())).toEqual(['done', null, [[goes, 'done']]]);
  expect(await processOf()).not.toBe(before);
  expect((await clients.stop()).failures).toEqual([]);
});

it('forgets a host that is gone: it is fenced when it comes back, until it is provisioned again', async () => {
  const { client, clusterId, lab } = cluster;
  await expect(client.call('nodes.forget', { clusterId, nodeId: goes })).rejects.toMatchObject({ code: 'NODE_SERVES' });
  await lab.host(goes).losePower();
  await waitFor('the node to be forgotten', () => client.call('nodes.forget', { clusterId, nodeId: goes }).then(() => true, () => false));
  expect((await client.call('clusters.lan', {}))[0]?.nodes.map(({ nodeId }) => nodeId)).toEqual([stays]);
  await lab.host(goes).boot();
  await waitFor('the node to be refused', async () => (await (await fetch(`http://${lab.target(goes).address}:8081/artifactory/api/v1/system/readiness`)).text()).includes('NODE_FORGOTTEN'));
  const [run] = await client.call('nodes.provision', { clusterId, hostIds: [goes] });
  expect([run?.state, run?.failure]).toEqual(['done', null]);
  expect(await cluster.ping(goes)).toBe('OK');
});

it('leaves nothing behind when a node that was upgraded is removed', async () => {
  const { client, clusterId, lab } = cluster;
  expect(await client.call('nodes.remove', { clusterId, nodeId: goes })).toMatchObject({ state: 'done', failure: null });
  const left = await lab.host(goes).run('sh', '-c', 'find / -path /proc -prune -o -path /sys -prune -o -path /srv -prune -o -name "*bulkhead*" -print; getent passwd bulkhead || true; getent group bulkhead || true; systemctl list-units --all --no-legend "bulkhead*" "systemd-journald*bulkhead*"');
  expect(left.trim()).toBe('');
  const { view } = JSON.parse(await lab.host(stays).run('/opt/bulkhead/current/node', '/opt/bulkhead/current/bulkhead-node.cjs', 'cluster', 'status', '--config', '/etc/bulkhead/node.yaml')) as { view: { nodes: { nodeId: string }[] } };
  expect(view.nodes.map(({ nodeId }) => nodeId)).toEqual([stays]);
});

it('switches the only node there is, once that is taken on by name', async () => {
  const { client, clusterId, first } = cluster;
  await expect(client.call('upgrade.start', { clusterId })).rejects.toMatchObject({ code: 'CAPACITY_TOO_SMALL', message: expect.stringContaining('nobody serves for about') as string });
  expect((await client.call('upgrade.plan', { clusterId })).allowed).toBe(false);
  await client.call('upgrade.start', { clusterId, keepReleases: 1, acceptWarnings: ['capacity'] });
  expect(outcomeOf(await cluster.ended())).toEqual(['done', null, [[stays, 'done']]]);
  expect(await cluster.ping(stays)).toBe('OK');
  expect(await cluster.kept(stays)).toEqual([first, await cluster.release(stays)].sort());
});
