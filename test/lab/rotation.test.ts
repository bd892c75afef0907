import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ensureBuilt } from '../../scripts/build.ts';
import { temporaryFolder } from '../harness/temporary-folder.ts';
import { startLab, type Lab } from './lab.ts';
import { addHosts, createLanCluster, openLanRoom, type LanRoom } from './lan-room.ts';

const clean = new AsyncDisposableStack();
let lab: Lab;
let room: LanRoom;
beforeAll(async () => {
  await ensureBuilt(['node']);
  lab = clean.use(await startLab({ hosts: [{ name: 'one' }, { name: 'two' }], database: 'process' }));
  const folder = clean.use(await temporaryFolder('rotation'));
  room = clean.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, 'one', 'two');
  await createLanCluster(room, lab, 'art');
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['one', 'two'] });
  expect(runs.map(({ state, failure }) => [state, failure])).toEqual([['done', null], ['done', null]]);
});
afterAll(() => clean.disposeAsync());

const on = (name: string, ...argv: readonly string[]): Promise<string> => lab.host(name).run(...argv);
const starts = (name: string): Promise<string> => on(name, 'systemctl', 'show', '--property=MainPID,NRestarts', 'bulkhead-node.service');

it.each([['cluster-key', '/etc/bulkhead/cluster.key', 3], ['database-password', '/etc/bulkhead/database.password', 2]] as const)(
  'gives every node a new %s without a restart', async (what, file, phases) => {
    const before = await Promise.all(['one', 'two'].map(async (name) => [await on(name, 'cat', file), await starts(name)]));
    const told: string[] = [];
    const stop = room.client.subscribe('clusters.rotation', {}, { item: ({ phase, nodeId }) => { told.push(`${String(phase)} ${nodeId ?? ''}`); } });
    expect(await room.client.call('clusters.rotate', { clusterId: 'art', what })).toEqual({ nodes: ['one', 'two'], resumed: false });
    stop();
    expect(told).toEqual(Array.from({ length: phases }, (_, index) => ['', 'one', 'two'].map((nodeId) => `${String(index + 1)} ${nodeId}`)).flat());
    const after = await Promise.all(['one', 'two'].map(async (name) => [await on(name, 'cat', file), await starts(name)]));
    for (const [index, [content, processes]] of after.entries()) {
      expect(content).not.toBe(before[index]?.[0]);
      expect(content).toBe(after[0]?.[0]);
      expect(content?.trim().split('\n')).toHaveLength(1);
      expect(processes).toBe(before[index]?.[1]);
    }
  });

it('goes on with a rotation that was interrupted by a host that cannot be reached', async () => {
  await on('two', 'systemctl', 'stop', 'ssh');
  await expect(room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  await on('two', 'systemctl', 'start', 'ssh');
  expect(await room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).toMatchObject({ nodes: ['one', 'two'] });
});

const file = '/etc/bulkhead/cluster.key';
const stateOf = async (what: string): Promise<unknown> => (await room.client.call('clusters.secrets', { clusterId: 'art' })).secrets.find((secret) => secret.what === what);

it('goes on where it was cancelled, from the phase that every node has reached', async () => {
  const stopping = new AbortController();
  const stop = room.client.subscribe('clusters.rotation', {}, { item: ({ phase, nodeId }) => { if (phase === 2 && nodeId === 'one') stopping.abort(); } });
  await expect(room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' }, { signal: stopping.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  stop();
  // what is under way on a host ends after the answer that it was cancelled
  await expect.poll(() => stateOf('cluster-key')).toMatchObject({ state: 'interrupted', progress: { phase: 2 } });
  // a node that came now would get the old key alone
  const half = await on('two', 'cat', file);
  expect(half.trim().split('\n')).toHaveLength(2);
  await expect(room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['two'] })).rejects.toMatchObject({ code: 'ROTATION_UNFINISHED', hint: expect.stringContaining('cluster rotate art cluster-key') as string });
  expect(await on('two', 'cat', file)).toBe(half);
  const check = (await room.client.call('hosts.check', { hostId: 'two', clusterId: 'art' })).checks.find(({ id }) => id === 'cluster-secrets');
  expect(check).toMatchObject({ status: 'failed', found: expect.stringContaining('half replaced on one') as string });

  const told: number[] = [];
  const listen = room.client.subscribe('clusters.rotation', {}, { item: ({ phase }) => { told.push(phase); } });
  expect(await room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).toEqual({ nodes: ['one', 'two'], resumed: true });
  listen();
  expect(new Set(told)).toEqual(new Set([1, 2, 3]));
  expect(await stateOf('cluster-key')).toMatchObject({ state: 'idle', progress: null, replacedAt: expect.any(Number) as number });
  expect(await on('one', 'cat', file)).toBe(await on('two', 'cat', file));
});

it('never goes back to a secret that some nodes have forgotten', async () => {
  const stopping = new AbortController();
  const stop = room.client.subscribe('clusters.rotation', {}, { item: ({ phase, nodeId }) => { if (phase === 3 && nodeId === 'one') stopping.abort(); } });
  await expect(room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' }, { signal: stopping.signal })).rejects.toMatchObject({ code: 'CANCELLED' });
  stop();
  await expect.poll(() => stateOf('cluster-key')).toMatchObject({ state: 'interrupted' });
  const told: number[] = [];
  const listen = room.client.subscribe('clusters.rotation', {}, { item: ({ phase }) => { told.push(phase); } });
  expect(await room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).toMatchObject({ resumed: true });
  listen();
  expect(told).not.toContain(1);
});

it('leaves nodes alone that hold a secret of another desktop, and hosts that somebody works on', async () => {
  const own = await on('two', 'cat', file);
  await on('two', 'sh', '-c', `echo '${randomBytes(48).toString('base64')}' >> ${file}`);
  const before = await on('one', 'cat', file);
  await expect(room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).rejects.toMatchObject({ code: 'CREDENTIALS_INVALID' });
  expect(await on('one', 'cat', file)).toBe(before);
  expect(await stateOf('cluster-key')).toMatchObject({ state: 'idle' });
  await on('two', 'sh', '-c', `echo '${own.trim()}' > ${file}`);
  await on('two', 'mkdir', '/run/bulkhead.lock');
  await expect(room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).rejects.toMatchObject({ code: 'HOST_LOCKED' });
  await on('two', 'rmdir', '/run/bulkhead.lock');
  expect(await room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).toMatchObject({ resumed: false });
});

it('is not undone by the rollback of a run that came before it', async () => {
  // as after another desktop's mistake: provisioning puts the cluster's own key and configuration back, and is itself taken back later
  await on('two', 'sh', '-c', `cp -p ${file} /root/own.key; head -c 48 /dev/urandom | base64 -w 0 > ${file}; echo '# by hand' >> /etc/bulkhead/node.yaml`);
  const [run] = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['two'] });
  expect(run).toMatchObject({ state: 'done', failure: null });
  expect(await on('two', 'cmp', file, '/root/own.key')).toBe('');
  await room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' });
  const [rotated, first] = [await on('two', 'cat', file), (await room.client.call('runs.list', {})).find(({ nodeId, kind, runId }) => nodeId === 'two' && kind === 'provision' && runId !== run?.runId)];
  await expect(room.client.call('runs.rollback', { runId: first!.runId })).rejects.toMatchObject({ code: 'RUN_STATE', hint: expect.stringContaining(run!.runId.slice(0, 8)) as string });
  expect(await room.client.call('runs.rollback', { runId: run!.runId })).toMatchObject({ state: 'rolled-back' });
  expect(await on('two', 'cat', file)).toBe(rotated);
  expect(await on('two', 'tail', '-n', '1', '/etc/bulkhead/node.yaml')).toBe('# by hand\n');
  const { commands } = await room.client.call('runs.show', { runId: run!.runId });
  expect(commands.filter(({ phase }) => phase === 'undo').map(({ lastLines }) => lastLines)).toContain(`${file} stays: it has been replaced since`);
  expect(await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['two'] })).toMatchObject([{ state: 'done', failure: null }]);
});

it('gives out a copy of the key that opens a cluster without nodes', async () => {
  const passphrase = 'a passphrase of some length';
  const { text } = await room.client.call('clusters.copyKey', { clusterId: 'art', passphrase });
  await expect(room.client.call('clusters.restoreKey', { clusterId: 'art', text, passphrase })).rejects.toMatchObject({ code: 'HOST_IN_USE' });
  expect((await room.client.call('clusters.secrets', { clusterId: 'art' })).keyCopy).toMatchObject({ isPresent: true });
});

it('leaves a cluster that provisioning finds as it should be', async () => {
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['one', 'two'] });
  expect(runs.map(({ state, changed }) => [state, changed])).toEqual([['done', 0], ['done', 0]]);
  await on('one', 'systemctl', 'restart', 'bulkhead-node.service');
  const again = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['one'] });
  expect(again.map(({ state, failure }) => [state, failure])).toEqual([['done', null]]);
});
