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
  lab = clean.use(await startLab({ hosts: [{ name: 'one' }, { name: 'two' }], database: true }));
  const folder = clean.use(await temporaryFolder('rotation'));
  room = clean.use(await openLanRoom(join(folder.path, 'state')));
  await addHosts(room, lab, 'one', 'two');
  await createLanCluster(room, lab, 'art');
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['one', 'two'] });
  expect(runs.map(({ state, failure }) => [state, failure])).toEqual([['done', null], ['done', null]]);
}, 300_000);
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
  await lab.host('two').cutOff();
  await expect(room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).rejects.toMatchObject({ code: 'HOST_UNREACHABLE' });
  await lab.host('two').reconnect();
  expect(await room.client.call('clusters.rotate', { clusterId: 'art', what: 'cluster-key' })).toMatchObject({ nodes: ['one', 'two'] });
});

it('leaves a cluster that provisioning finds as it should be', async () => {
  const runs = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['one', 'two'] });
  expect(runs.map(({ state, changed }) => [state, changed])).toEqual([['done', 0], ['done', 0]]);
  await on('one', 'systemctl', 'restart', 'bulkhead-node.service');
  const again = await room.client.call('nodes.provision', { clusterId: 'art', hostIds: ['one'] });
  expect(again.map(({ state }) => state)).toEqual(['done']);
});
