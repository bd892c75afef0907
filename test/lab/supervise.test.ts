import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { NodeCondition, NodeDetails, Topology, WatchedHost } from '../../electron/contract/index.ts';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { waitFor } from '../harness/wait-for.ts';
import { startLab, type Lab } from './lab.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';

const names = ['one', 'two', 'three'] as const;
type Name = typeof names[number];

const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
let picture: Topology | undefined;
let hosts: WatchedHost[] = [];
const details = new Map<Name, NodeDetails>();

beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [{ name: 'one' }, { name: 'two' }, { name: 'three', forwarding: false }], database: 'process' }));
  const folder = clean.use(await temporaryFolder('supervise'));
  room = clean.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, ...names);
  await createLanCluster(room, lab, 'art');
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: [...names] });
  expect(runs.map(({ state, failure }) => [state, failure])).toEqual(names.map(() => ['done', null]));
  // two hosts do not let this machine reach the node's port, and the third forwards nothing either
  for (const name of ['two', 'three'] as const) {
    await lab.host(name).run('nft', `add table inet desk; add chain inet desk in { type filter hook input priority -200; }; add rule inet desk in ip saddr ${lab.gateway} tcp dport 8081 drop`);
  }
  clean.defer(room.client.subscribe('topology.watch', { clusterId: 'art' }, { item: (item) => { picture = item; } }));
  clean.defer(room.client.subscribe('hosts.watch', {}, { item: (item) => { hosts = item; } }));
  for (const nodeId of names) clean.defer(room.client.subscribe('nodes.details', { clusterId: 'art', nodeId }, { item: (item) => { details.set(nodeId, item); } }));
});
afterAll(() => clean.disposeAsync());

const of = (name: Name): NodeDetails => {
  const found = details.get(name);
  if (found === undefined) throw new Error(`nothing is known of ${name}`);
  return found;
};
const until = (name: Name, condition: NodeCondition): Promise<unknown> =>
  waitFor(`${name} to be ${condition}`, () => Promise.resolve(details.get(name)?.condition === condition))
    .catch((error: unknown) => { throw new Error(`${String(error)}: ${JSON.stringify(details.get(name), null, 1)}`); });
const service = (name: Name, ...argv: readonly string[]): Promise<string> => lab.host(name).run('systemctl', ...argv, 'bulkhead-node.service');

it('shows every node with its host, however it is reached', async () => {
  for (const name of names) await until(name, 'serving');
  await expect.poll(() => names.map((name) => of(name).api.way)).toEqual(['direct', 'ssh-forward', 'ssh-command']);
  await waitFor('facts', () => Promise.resolve(names.every((name) => typeof of(name).host?.facts?.cpuPercent === 'number' && (of(name).host?.facts?.disks.length ?? 0) === 3 && typeof of(name).service?.rates?.memoryBytes === 'number')));
  for (const name of names) {
    await expect.poll(() => of(name)).toMatchObject({
      nodeId: name, lastKnown: null,
      host: { name, reachability: 'reachable', problem: null, facts: { hostname: name, learned: { how: 'ssh', freshness: 'live' } } },
      unit: { activeState: 'active', subState: 'running', restarts: 0, enabled: true },
      version: { running: '0.1.0', installed: expect.stringMatching(/^0\.1\.0/) as string },
      service: { state: 'serving', pool: { max: expect.any(Number) as number } },
    });
    const { process, clock, host, version } = of(name);
    expect(process?.openFiles).toBeGreaterThan(5);
    expect(process?.openFilesLimit).toBeGreaterThan(1024);
    expect(process?.memoryBytes).toBeGreaterThan(20_000_000);
    expect(version.releases).toContain(version.installed);
    expect(Math.abs(clock?.offsetMs ?? Number.NaN)).toBeLessThan(2000 + (clock?.uncertaintyMs ?? 0));
    expect(host?.facts?.disks.map(({ purpose }) => purpose).sort()).toEqual(['filestore', 'opt', 'root']);
  }
  // the picture, the list of clusters and that of hosts each come in their own time
  await expect.poll(() => picture).toMatchObject({ kind: 'lan', databaseState: 'up', master: { epoch: expect.any(Number) as number } });
  await expect.poll(() => room.client.call('clusters.list', {})).toContainEqual(expect.objectContaining({ name: 'art', kind: 'lan', health: 'ok', summary: '3 of 3 serving' }));
  await expect.poll(() => hosts.map(({ name, reachability }) => [name, reachability]).sort()).toEqual([['one', 'reachable'], ['three', 'reachable'], ['two', 'reachable']]);
});

it('shows the journal live, finds words in it, and writes events of the cluster down', async () => {
  const lines: string[] = [];
  const stop = room.client.subscribe('node.log', { clusterId: 'art', nodeId: 'two' }, { item: (batch) => { lines.push(...batch.lines.map(({ text }) => text)); } });
  await waitFor('earlier lines', () => Promise.resolve(lines.some((line) => line.includes('joined'))));
  const before = lines.length;
  await room.client.call('node.drain', { clusterId: 'art', nodeId: 'two' });
  await waitFor('new lines', () => Promise.resolve(lines.slice(before).some((line) => line.includes('draining'))));
  await room.client.call('node.undrain', { clusterId: 'art', nodeId: 'two' });
  await until('two', 'serving');
  stop();
  const found = await room.client.call('nodes.journal', { clusterId: 'art', nodeId: 'two', search: 'JOINED', lines: 5 });
  expect(found.lines.length).toBeGreaterThan(0);
  expect(found.lines.every((line) => /joined/i.test(line))).toBe(true);
  expect((await room.client.call('nodes.journal', { clusterId: 'art', nodeId: 'two', since: Date.now() + 3_600_000 })).lines).toEqual([]);
  await waitFor('events in the journal', async () => (await room.client.call('journal.list', { clusterId: 'art' })).entries.some(({ type }) => type === 'node.serving'));
});

it('answers about budget and masters, hands over, and drills only when that is confirmed', async () => {
  await expect.poll(() => room.client.call('budget.explain', { clusterId: 'art' })).toMatchObject({ database: { grants: [{ nodeId: 'one' }, { nodeId: 'three' }, { nodeId: 'two' }] } });
  const changed = await room.client.call('budget.setGrants', { clusterId: 'art', poolMax: 12 });
  expect(changed.holders?.map(({ nodeId }) => nodeId)).toEqual(expect.arrayContaining([...names]));
  await waitFor('pools of the new size', async () => (await room.client.call('budget.explain', { clusterId: 'art' })).pools?.every(({ poolMax, granted, source }) => poolMax === 12 && granted === 12 && source === 'cluster') === true);
  // the three were provisioned side by side: any of them may have come first, and a drain may have moved the lease on since
  const { nodeId: master, epoch } = await waitFor('a master', () => picture?.master);
  const heir = names.find((name) => name !== master)!;
  const handedOver = await room.client.call('failover.handOver', { clusterId: 'art', to: heir });
  expect(handedOver.nodeId).toBe(heir);
  expect(handedOver.epoch).toBeGreaterThan(epoch);
  await expect(room.client.call('failover.drill', { clusterId: 'art' })).rejects.toMatchObject({ code: 'CONFIRMATION_NEEDED' });
  const report = await room.client.call('failover.drill', { clusterId: 'art', confirm: 'art' });
  expect(report).toMatchObject({ killedNodeId: heir, epochBefore: handedOver.epoch });
  expect(report.epochAfter).toBeGreaterThan(handedOver.epoch);
  expect(report.restoredAfterMs).not.toBeNull();
  await until(heir, 'serving');
  await waitFor('the restart to be counted', () => Promise.resolve((of(heir).unit?.restarts ?? 0) > 0));
});

it('gives the administrator a password that a person knows, and goes on with it', async () => {
  const { user, password } = await room.client.call('users.newAdminPassword', { clusterId: 'art' });
  const address = `${picture!.nodes.find(({ nodeId }) => nodeId === 'one')!.url}/artifactory/api/repositories`;
  const asked = (secret: string): Promise<number> => fetch(address, { headers: { authorization: `Basic ${Buffer.from(`${user}:${secret}`).toString('base64')}` } }).then(({ status }) => status);
  expect([await asked(password), await asked('another password')]).toEqual([200, 401]);
  expect((await room.client.call('users.list', { clusterId: 'art' })).map(({ name }) => name)).toContain('admin');
  const own = 'one that a person has thought of';
  await room.client.call('users.change', { clusterId: 'art', name: user, password: own });
  expect([await asked(own), await asked(password)]).toEqual([200, 401]);
  expect((await room.client.call('users.list', { clusterId: 'art' })).map(({ name }) => name)).toContain('admin');
});

it('tells a stopped service from a lost host', async () => {
  await service('one', 'stop');
  await until('one', 'host-up-node-down');
  expect(of('one')).toMatchObject({ unit: { activeState: 'inactive' }, host: { reachability: 'reachable' }, sentence: expect.stringContaining('one answers') as string });
  await expect.poll(() => picture?.nodes.find(({ nodeId }) => nodeId === 'one')).toMatchObject({ observed: 'stopped', condition: 'host-up-node-down' });
  await service('one', 'start');
  await until('one', 'serving');
});

it('tells a node without its database', async () => {
  await lab.host('two').cutFrom(lab.databaseAddress);
  await until('two', 'cut-off-from-database');
  expect(of('two')).toMatchObject({ unit: { activeState: 'active' }, host: { reachability: 'reachable' } });
  await lab.host('two').reconnectTo(lab.databaseAddress);
  await until('two', 'serving');
});

it('tells a frozen node', async () => {
  await service('one', 'kill', '--kill-who=main', '--signal=STOP');
  await until('one', 'node-silent');
  expect(of('one')).toMatchObject({ unit: { activeState: 'active' }, lastKnown: { condition: 'serving' } });
  await service('one', 'kill', '--kill-who=main', '--signal=CONT');
  await until('one', 'serving');
});

it('tells since when a host has not been heard, and sees it come back', async () => {
  const lostAt = Date.now();
  await lab.host('three').losePower();
  await until('three', 'host-unreachable');
  const noticedAt = Date.now();
  console.log(`the power cut was noticed after ${((noticedAt - lostAt) / 1000).toFixed(1)} s`);
  const { since, lastKnown, host } = of('three');
  expect(host).toMatchObject({ reachability: 'unreachable' });
  expect(lastKnown).toMatchObject({ condition: 'serving' });
  // since it was last heard, not since that was noticed: a machine that is busy may have heard it some time before it was lost
  expect(since ?? 0).toBeGreaterThan(lostAt - 30_000);
  expect(since ?? Infinity).toBeLessThanOrEqual(noticedAt - 1000);
  await waitFor('the host to be shown so', () => Promise.resolve(hosts.find(({ name }) => name === 'three')?.reachability === 'unreachable'));
  await lab.host('three').boot();
  await until('three', 'serving');
});

it('lets go of a cluster that is forgotten', async () => {
  let list: readonly { name: string }[] = [];
  const stop = room.client.subscribe('clusters.watch', {}, { item: (item) => { list = item; } });
  await waitFor('the cluster in the list', () => Promise.resolve(list.some(({ name }) => name === 'art')));
  for (const nodeId of names) expect(await room.client.call('nodes.remove', { clusterId: 'art', nodeId })).toMatchObject({ state: 'done' });
  await room.client.call('clusters.forget', { clusterId: 'art' });
  await waitFor('the cluster to leave the list', () => Promise.resolve(list.length > 0 && !list.some(({ name }) => name === 'art')));
  stop();
});
