import { expect, it } from 'vitest';
import type { ClusterNode, ClusterView } from '../../../server-bundle/contract/index.ts';
import type { NodeCondition } from '../../contract/index.ts';
import { drawTopology } from './draw-topology.ts';
import type { Observation, ProcessSight } from './observation.ts';
import { observeChanges } from './observe-changes.ts';
import { RequestHistories } from './request-histories.ts';
import { summarize } from './summarize.ts';

const now = 1_000_000;
const running = { state: 'running', pid: 10 } as const;
const stopped = { state: 'stopped', pid: null } as const;

function node(nodeId: string, more: Partial<ClusterNode> = {}): ClusterNode {
  return {
    nodeId, incarnation: nodeId, url: `http://127.0.0.1/${nodeId}`, desired: 'serving', observed: 'serving', version: '0.1.0', startedAt: null,
    heartbeatAt: null, heartbeatAgeMs: 100, inFlight: 0, drainDeadline: null, caching: true, pool: { max: 10, inUse: 0, idle: 1, waiting: 0 }, rates: null, ...more,
  };
}

function view(nodes: ClusterNode[], master: ClusterView['master'] = { nodeId: 'node-1', epoch: 3, since: '' }): ClusterView {
  return {
    apiVersion: 1, asOf: '', answeredBy: 'node-1', cluster: { id: 'x', name: 'demo' }, master, nodes, collectionLocked: null,
    database: {
      serverVersion: '18', host: '', port: 1, name: '', maxConnections: 60, superuserReserved: 3, reserved: 0, kept: 7, limitedBy: null, budget: 50,
      granted: 0, free: 50, observed: 0, foreign: 0, minimumPerNode: 7, wantedPerNode: 12, grants: [],
    },
    filestore: {
      path: '', state: 'ok', totalBytes: null, freeBytes: null, storedBytes: null, blobCount: null, unreferencedBytes: null, nextCollectionAt: null,
    },
  };
}

function observation(more: Partial<Observation> = {}): Observation {
  return {
    clusterId: 'demo', name: 'Demo', kind: 'demo', now, wallClock: 5, lifecycle: 'running', failure: null,
    inventory: ['node-1', 'node-2'].map((nodeId) => ({ nodeId, url: `http://${nodeId}` })),
    processes: new Map([['node-1', running], ['node-2', running]]), databaseProcess: 'running',
    balancer: null, view: { value: view([node('node-1'), node('node-2')]), at: now - 200 }, databaseRefused: false, masterSeenAt: now - 200,
    histories: new Map(), acts: new Map(), intervalMs: 1000, hosts: new Map(), words: new Map(), conditions: new Map(), databaseClock: null, ...more,
  };
}

it('shows what was just heard as live, with its age', () => {
  const picture = drawTopology(observation());
  expect(picture).toMatchObject({ freshness: 'live', databaseState: 'up', masterlessMs: null, master: { nodeId: 'node-1' } });
  expect(picture.nodes[0]).toMatchObject({ observed: 'serving', isMaster: true, ageMs: 300, freshness: 'live' });
  expect(summarize(picture)).toMatchObject({ health: 'ok', summary: '2 of 2 serving' });
});

it('shows old news as stale, and older ones not as a fact', () => {
  const heard = view([node('node-1'), node('node-2')]);
  expect(drawTopology(observation({ view: { value: heard, at: now - 5000 } }))).toMatchObject({ freshness: 'stale', master: { nodeId: 'node-1' } });
  const old = drawTopology(observation({ view: { value: heard, at: now - 60_000 }, masterSeenAt: now - 60_000 }));
  expect(old).toMatchObject({ freshness: 'unknown', master: null, masterlessMs: 60_000, databaseState: 'unknown', filestore: null });
  expect(old.nodes[0]).toMatchObject({ freshness: 'unknown', isMaster: false });
  expect(summarize(old)).toMatchObject({ health: 'unknown', summary: 'No node answers' });
});

it('tells no rate that was measured seconds ago', () => {
  const rates = { requestsPerSecond: 4, bytesInPerSecond: 0, bytesOutPerSecond: 3300, queriesPerSecond: 38, p99Ms: 2, eventLoopP99Ms: 1, memoryBytes: 1 };
  const heard = view([node('node-1', { rates }), node('node-2')]);
  expect(drawTopology(observation({ view: { value: heard, at: now - 200 } })).nodes[0]?.reported?.rates).toEqual(rates);
  const old = drawTopology(observation({ view: { value: heard, at: now - 5000 }, databaseRefused: true }));
  expect(old.nodes[0]?.reported).toMatchObject({ nodeId: 'node-1', rates: null });
});

it('believes the operating system more than the last heartbeat', () => {
  const processes = new Map<string, ProcessSight>([['node-1', running], ['node-2', stopped]]);
  const acts = new Map([['node-2', { what: 'killed', at: now - 4000 }]]);
  const picture = drawTopology(observation({ processes, acts }));
  expect(picture.nodes[1]).toMatchObject({ observed: 'stopped', note: 'killed from this app 4 s ago', ageMs: 0, freshness: 'live' });
  expect(drawTopology(observation({ processes })).nodes[1]?.note).toBe('the process has ended');
  expect(summarize(picture)).toMatchObject({ health: 'warning', summary: '1 of 2 serving, 1 stopped' });
});

it('says that a node starts rather than that it is gone', () => {
  const heard = view([node('node-1'), node('node-2', { observed: 'stopped' })]);
  expect(drawTopology(observation({ view: { value: heard, at: now } })).nodes[1]?.observed).toBe('starting');
  expect(drawTopology(observation({ view: null })).nodes[1]).toMatchObject({ observed: 'starting', reported: null, ageMs: null, freshness: 'unknown' });
});

it('tells a missing database from a missing answer', () => {
  const refused = drawTopology(observation({ databaseRefused: true }));
  expect(refused).toMatchObject({ databaseState: 'down' });
  expect(refused.nodes[0]?.observed).toBe('no-database');
  const long = drawTopology(observation({ databaseRefused: true, view: { value: view([node('node-1'), node('node-2')]), at: now - 60_000 } }));
  expect(long.nodes[0]).toMatchObject({ observed: 'no-database', freshness: 'live', note: 'runs, and cannot reach the database' });
  expect(long).toMatchObject({ database: null, lastHeard: { ageMs: 60_000, database: ':1/' } });
  expect(drawTopology(observation({ databaseProcess: 'stopped' })).databaseState).toBe('down');
  expect(drawTopology(observation({ view: null })).databaseState).toBe('unknown');
});

it('shows a cluster that is off as off, whatever was heard before', () => {
  const picture = drawTopology(observation({ lifecycle: 'off', processes: new Map([['node-1', stopped], ['node-2', stopped]]), databaseProcess: 'stopped' }));
  expect(picture).toMatchObject({ master: null, database: null, databaseState: 'unknown' });
  expect(summarize(picture)).toMatchObject({ health: 'off' });
});

it('lists a member that the inventory does not know, but none that is gone', () => {
  const heard = view([node('node-1'), node('node-2'), node('node-8'), node('node-9', { observed: 'stopped' })]);
  expect(drawTopology(observation({ view: { value: heard, at: now } })).nodes.map(({ nodeId }) => nodeId)).toEqual(['node-1', 'node-2', 'node-8']);
});

it('writes down what changed between two pictures, once', () => {
  const before = drawTopology(observation());
  expect(observeChanges(null, before)).toEqual([]);
  expect(observeChanges(before, drawTopology(observation()))).toEqual([]);
  const masterless = drawTopology(observation({
    processes: new Map<string, ProcessSight>([['node-1', stopped], ['node-2', running]]), view: { value: view([node('node-1'), node('node-2')], null), at: now }, masterSeenAt: now - 700,
  }));
  expect(observeChanges(before, masterless).map(({ type }) => type)).toEqual(['node.down', 'master.lost']);
  const found = drawTopology(observation({ view: { value: view([node('node-1'), node('node-2')], { nodeId: 'node-2', epoch: 4, since: '' }), at: now } }));
  expect(observeChanges(masterless, found).map(({ type }) => type)).toEqual(['node.up']);
  expect(observeChanges(before, drawTopology(observation({ lifecycle: 'stopping', databaseProcess: 'stopped' })))).toEqual([]);
});

it('keeps one value a second for sparklines, at most sixty, and breaks the line at a gap', () => {
  const histories = new RequestHistories();
  for (let second = 0; second < 70; second += 1) {
    histories.add(second * 1000, new Map([['node-1', second]]));
    histories.add(second * 1000 + 300, new Map([['node-1', -1]]));
  }
  expect(histories.values.get('node-1')).toHaveLength(60);
  expect(histories.values.get('node-1')?.at(-1)).toBe(69);
  histories.add(90_000, new Map([['node-1', 1]]));
  expect(histories.values.get('node-1')).toEqual([1]);
});

it('writes down what becomes of nodes on hosts, and nothing of what is merely not known', () => {
  const link = { reachability: 'reachable', since: null, problem: null, heardAt: now, intervalMs: 1000, vitals: null } as const;
  const at = (condition: NodeCondition): ReturnType<typeof drawTopology> => drawTopology(observation({
    kind: 'lan', processes: new Map(), inventory: [{ nodeId: 'node-1', url: 'http://node-1' }], view: { value: view([node('node-1')]), at: now },
    hosts: new Map([['node-1', { hostId: 'h', name: 'host-1', address: '10.0.0.1', link, api: { way: 'direct', problem: null } }]]),
    conditions: new Map([['node-1', { condition, sentence: `it is ${condition}`, since: null, lastKnown: null }]]),
  }));
  const told = (before: NodeCondition, after: NodeCondition): unknown => observeChanges(at(before), at(after)).map(({ type, severity, message }) => [type, severity, message]);
  expect(told('serving', 'host-up-node-down')).toEqual([['node.down', 'bad', 'node-1: it is host-up-node-down']]);
  expect(told('serving', 'host-unreachable')).toEqual([['host.unreachable', 'bad', 'node-1: it is host-unreachable']]);
  expect(told('serving', 'cut-off-from-database')).toEqual([['node.cut-off', 'bad', 'node-1: it is cut-off-from-database']]);
  expect(told('host-unreachable', 'serving')).toEqual([['node.reachable', 'info', 'node-1 serves again']]);
  for (const [before, after] of [['serving', 'unknown'], ['unknown', 'serving'], ['serving', 'serving'], ['serving', 'draining']] as const) expect(told(before, after)).toEqual([]);
  expect(at('host-unreachable').nodes[0]).toMatchObject({ observed: 'unreachable', condition: 'host-unreachable', host: { name: 'host-1', reachability: 'reachable' }, process: null });
  expect(summarize(at('host-up-node-down'))).toMatchObject({ health: 'bad', summary: '0 of 1 serving, 1 stopped' });
});
