import { describe, expect, it } from 'vitest';
import type { TopologyNode } from '../../electron/contract/index.ts';
import { FakeCluster } from '../testing/fake-cluster.ts';
import { addNodeAction, databaseActions, demoActions, failoverActions } from './cluster-actions.ts';
import { nodeActions } from './node-actions.ts';
import { searchCommands } from './search.ts';

const node = (cluster: FakeCluster, nodeId: string): TopologyNode => {
  const found = cluster.topology().nodes.find((each) => each.nodeId === nodeId);
  if (found === undefined) throw new Error(`no ${nodeId}`);
  return found;
};
const labels = (cluster: FakeCluster, nodeId: string): string[] => nodeActions(node(cluster, nodeId), cluster.topology(), null).map(({ label }) => label);

describe('what can be done with a node', () => {
  it('follows its state', () => {
    const cluster = new FakeCluster('running');
    const other = cluster.serving().find((nodeId) => nodeId !== cluster.masterId) ?? '';
    expect(labels(cluster, other)).toEqual(['Drain', 'Hand over here', 'Restart', 'Freeze', 'Kill', 'Remove']);
    expect(labels(cluster, cluster.masterId ?? '')).not.toContain('Hand over here');
    cluster.drain(other);
    expect(labels(cluster, other)[0]).toBe('Undrain');
    cluster.freeze(other);
    expect(labels(cluster, other)).toEqual(['Thaw', 'Undrain', 'Kill', 'Remove']);
    cluster.kill(other);
    expect(labels(cluster, other)).toContain('Start');
    expect(labels(cluster, other)).not.toContain('Kill');
  });

  it('says before a kill what the master and the last serving node mean', () => {
    const alone = new FakeCluster('one');
    const breaks = nodeActions(node(alone, 'node-1'), alone.topology(), null).find(({ label }) => label === 'Kill')?.question?.breaks.join(' ');
    expect(breaks).toMatch(/No other node serves/);
    expect(breaks).toMatch(/This is the master/);
    const three = new FakeCluster('running');
    const other = three.serving().find((nodeId) => nodeId !== three.masterId) ?? '';
    expect(nodeActions(node(three, other), three.topology(), null).find(({ label }) => label === 'Drain')?.question).toBeNull();
    expect(nodeActions(node(alone, 'node-1'), alone.topology(), null).find(({ label }) => label === 'Drain')?.question).not.toBeNull();
  });

  it('is blocked as a whole while the control room is gone', () => {
    const cluster = new FakeCluster('running');
    for (const action of nodeActions(node(cluster, 'node-1'), cluster.topology(), 'gone')) expect(action.blocked).toBe('gone');
  });
});

describe('what can be done with the cluster', () => {
  const picture = new FakeCluster('running').topology();
  it('refuses a node that has no room, with the arithmetic', () => {
    const budget = { oneMoreNode: { fits: false, sentence: '9 free, 26 needed: 17 short' } } as Parameters<typeof addNodeAction>[1];
    expect(addNodeAction(picture, budget, null).blocked).toContain('17 short');
    expect(addNodeAction(picture, null, null).blocked).toBeNull();
  });
  it('offers to start the database only when it is down', () => {
    const down = new FakeCluster('database-down').topology();
    expect(databaseActions(picture, null).map(({ id }) => id)).toEqual(['demo.database.kill']);
    expect(databaseActions(down, null).map(({ id }) => id)).toEqual(['demo.database.start']);
  });
  it('asks for a typed word before it deletes everything', () => {
    expect(demoActions('running', null).find(({ id }) => id === 'demo.reset')?.question?.typed).toBe('delete demo');
    expect(demoActions('off', null).find(({ id }) => id === 'demo.stop')?.blocked).not.toBeNull();
  });
  it('runs drills one after the other, and keeps what was measured before one failed', async () => {
    const told: (number | null)[] = [];
    const measured: unknown[] = [];
    const { drill } = failoverActions(picture, null, { times: 3, begins: (round) => told.push(round), measured: (report) => measured.push(report) });
    expect(drill.question?.title).toBe('Kill the master 3 times?');
    let calls = 0;
    const client = { call: () => (++calls === 3 ? Promise.reject(new Error('no new master')) : Promise.resolve({ masterAfterMs: calls })) } as unknown as Parameters<typeof drill.run>[0];
    await expect(drill.run(client, new AbortController().signal)).rejects.toThrow('no new master');
    expect(told).toEqual([1, 2, 3, null]);
    expect(measured).toEqual([{ masterAfterMs: 1 }, { masterAfterMs: 2 }]);
  });
  it('runs no drill without somebody to take over', () => {
    const nobody = { times: 1, begins: () => undefined, measured: () => undefined };
    expect(failoverActions(new FakeCluster('one').topology(), null, nobody).drill.blocked).toMatch(/Another serving node/);
    expect(failoverActions(picture, null, nobody).drill.blocked).toBeNull();
  });
});

describe('searching commands', () => {
  const commands = [{ title: 'Kill node-1', section: 'Nodes', explanation: '' }, { title: 'Kill database', section: 'Cluster', explanation: '' }, { title: 'Run a failover drill', section: 'Cluster', explanation: 'Kills the master' }];
  it('needs every word, and prefers titles', () => {
    expect(searchCommands(commands, 'kill').map(({ title }) => title)).toEqual(['Kill node-1', 'Kill database', 'Run a failover drill']);
    expect(searchCommands(commands, 'kill data')).toHaveLength(1);
    expect(searchCommands(commands, 'nothing such')).toEqual([]);
    expect(searchCommands(commands, '  ')).toEqual(commands);
  });
});
