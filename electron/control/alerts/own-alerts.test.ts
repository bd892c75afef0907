import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClusterAlert } from '../../../server-bundle/contract/index.ts';
import type { Topology, TopologyNode } from '../../contract/index.ts';
import { deleteClusterRow, openState, type State } from '../state/index.ts';
import { AlertBook } from './alert-book.ts';
import { drawAlerts, type SeenCluster } from './draw-alerts.ts';
import { OwnAlerts } from './own-alerts.ts';
import { ownConditions } from './own-conditions.ts';

const node = (nodeId: string, change: Partial<TopologyNode> = {}): TopologyNode => ({
  nodeId, url: `http://${nodeId}:8081`, observed: 'serving', note: null, process: null, freshness: 'live', ageMs: 10, isMaster: false, reported: null, requestHistory: [],
  condition: 'serving', host: { hostId: `h-${nodeId}`, name: `host-${nodeId}`, reachability: 'reachable' }, ...change,
});
const database = {} as NonNullable<Topology['database']>;
const picture = (change: Partial<Topology> = {}): Topology => ({
  clusterId: 'c', name: 'prod', kind: 'lan', at: 0, lifecycle: 'running', failure: null, freshness: 'live', balancer: null, nodes: [node('n1'), node('n2')],
  master: { nodeId: 'n1', epoch: 3, since: '' }, masterlessMs: null, database, databaseState: 'up', filestore: null, collectionLocked: null, lastHeard: null, ...change,
});
const silent = { freshness: 'unknown', database: null, master: null, databaseState: 'unknown' } as const;
const rules = (change: Partial<Topology>): string[] => ownConditions(picture(change)).map(({ rule, subject, severity }) => `${rule} ${subject} ${severity}`);

let folder: string;
let state: State;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bulkhead-alerts-'));
  state = openState(folder);
});
afterEach(() => {
  state.close();
  rmSync(folder, { recursive: true, force: true });
});
const restart = (): void => {
  state.close();
  state = openState(folder);
};
const watching = (raiseAfterMs: number, clearAfterMs = 0): OwnAlerts => new OwnAlerts({ raiseAfterMs, clearAfterMs, clusterId: 'c', book: new AlertBook(state), endsAlerts: true });

describe('what only this app sees', () => {
  it('is nothing while the cluster answers and all hosts are reachable, and nothing while it is off', () => {
    expect(rules({})).toEqual([]);
    expect(rules({ nodes: [node('n1'), node('n2', { observed: 'unreachable', condition: 'host-up-node-down' })] })).toEqual([]);
    expect(rules({ lifecycle: 'off', ...silent })).toEqual([]);
    expect(rules({ freshness: 'stale' })).toEqual([]);
  });

  it('is that no node answers, and which of them do not run', () => {
    const nodes = [node('n1', { observed: 'unreachable', condition: 'host-up-node-down' }), node('n2', { observed: 'unreachable', condition: 'unknown' })];
    expect(rules({ ...silent, nodes })).toEqual(['cluster-unreachable cluster bad', 'node-down n1 bad']);
  });

  it('is that nodes are cut off from their database', () => {
    expect(rules({ ...silent, nodes: [node('n1', { observed: 'no-database', condition: 'cut-off-from-database' })] })).toEqual(['database-unreachable cluster bad']);
    expect(rules({ ...silent, databaseState: 'down' })).toEqual(['database-unreachable cluster bad']);
  });

  it('is a host that cannot be reached: worse when its node is not heard either', () => {
    const host = (reachability: 'unreachable' | 'refused'): NonNullable<TopologyNode['host']> => ({ hostId: 'h', name: 'host-n2', reachability });
    expect(rules({ nodes: [node('n1'), node('n2', { host: host('unreachable') })] })).toEqual(['host-unreachable host-n2 warning']);
    expect(rules({ nodes: [node('n1'), node('n2', { host: host('refused'), observed: 'unreachable', condition: 'unknown' })] })).toEqual(['host-unreachable host-n2 bad']);
  });

  it('is a missing master', () => {
    expect(rules({ master: null, masterlessMs: 4000 })).toEqual(['no-master cluster bad']);
    expect(rules({ master: null, masterlessMs: null })).toEqual([]);
  });
});

it('is raised and cleared with hysteresis, acknowledged here only, and says so by its id', () => {
  const own = watching(100, 50);
  expect(own.look(picture(silent), 0)).toEqual([]);
  expect(own.open(picture())).toEqual([]);
  expect(own.look(picture(silent), 100)).toMatchObject([{ kind: 'raised', condition: { rule: 'cluster-unreachable' } }]);
  const [alert] = own.open(picture());
  expect(alert).toMatchObject({ id: 'app/c/cluster-unreachable/cluster', source: 'app', clusterId: 'c', clusterName: 'prod', acknowledged: null });
  expect(own.acknowledge(alert!.id, { by: 'me', at: '', note: '' })).toBe(true);
  expect(own.acknowledge('app/other/cluster-unreachable/cluster', { by: 'me', at: '', note: '' })).toBe(false);
  expect(own.look(picture(), 120)).toEqual([]);
  expect(own.open(picture())).toMatchObject([{ acknowledged: { by: 'me' } }]);
  expect(own.look(picture(), 170)).toMatchObject([{ kind: 'cleared' }]);
  expect(own.open(picture())).toEqual([]);
});

describe('after a restart', () => {
  const gone: Partial<Topology> = { nodes: [node('n1'), node('n2', { host: { hostId: 'h', name: 'host-n2', reachability: 'unreachable' } })] };
  const unknown: Partial<Topology> = { nodes: [node('n1'), node('n2', { host: { hostId: 'h', name: 'host-n2', reachability: 'unknown' } })] };
  const taken = { by: 'me', note: 'new cable on Monday', at: '2026-01-01T12:00:00Z' };

  const acknowledge = (): void => {
    const before = watching(0);
    before.look(picture(gone), 0);
    expect(before.acknowledge('app/c/host-unreachable/host-n2', taken)).toBe(true);
    restart();
  };

  it('whoever takes care of an alert is known, also while nothing is known of the host yet', () => {
    acknowledge();
    const own = watching(0);
    own.look(picture(unknown), 0);
    expect(own.open(picture())).toEqual([]);
    own.look(picture(gone), 1);
    expect(own.open(picture())).toMatchObject([{ rule: 'host-unreachable', acknowledged: taken }]);
  });

  it('one that has ended meanwhile is news when it comes again', () => {
    acknowledge();
    const own = watching(0);
    own.look(picture(), 0);
    own.look(picture(gone), 1);
    expect(own.open(picture())).toMatchObject([{ rule: 'host-unreachable', acknowledged: null }]);
  });

  it('mutes count until their end, those that a cluster told last too, and go with the cluster', () => {
    const [now, until] = [Date.parse('2026-01-01T12:00:00Z'), '2026-01-01T13:00:00.000Z'];
    const heard = { id: 'm', rule: 'node-down', subject: null, until, reason: '', by: 'x', createdAt: '' };
    const made = new AlertBook(state).mute('c', { rule: null, subject: 'host-n2', seconds: 3600, reason: 'moving' }, 'me', now);
    new AlertBook(state).heard('c', [heard]);
    restart();
    const book = new AlertBook(state);
    expect(made).toMatchObject({ by: 'me', until });
    expect([book.mutes('c', 'app', now), book.mutes('c', 'cluster', now), book.mutes('other', 'app', now)]).toEqual([[made], [heard], []]);
    expect(book.mutes('c', 'app', Date.parse(until))).toEqual([]);
    book.heard('c', []);
    expect(book.mutes('c', 'cluster', now)).toEqual([]);
    expect([book.unmute('c', made.id), book.unmute('c', made.id)]).toEqual([true, false]);
    book.heard('c', [heard]);
    deleteClusterRow(state, 'c');
    expect(book.mutes('c', 'cluster', now)).toEqual([]);
  });
});

describe('the picture', () => {
  const moment = { now: 100_000, wallClock: Date.parse('2026-01-01T12:00:00Z'), intervalMs: 2000 };
  const told = (id: string, change: Partial<ClusterAlert> = {}): ClusterAlert => ({
    id, rule: 'node-down', title: 'Node down', severity: 'bad', subject: id, nodeId: id, message: '', value: '', threshold: '', since: '2026-01-01T11:00:00Z',
    raisedAt: '2026-01-01T11:00:10Z', clearedAt: null, acknowledged: null, mutedUntil: null, ...change,
  });
  const seen = (change: Partial<SeenCluster> & { at?: number; alerts?: ClusterAlert[] } = {}): SeenCluster => ({
    topology: picture(), problem: null, own: [], kept: [], heard: { alerts: change.alerts ?? [], mutes: [], evaluatedAt: null, at: change.at ?? 99_500 }, ...change,
  });

  it('puts first what is bad and nobody has taken, and last what is muted', () => {
    const { alerts, counts } = drawAlerts([seen({ alerts: [
      told('muted', { mutedUntil: '2026-01-02T00:00:00Z' }), told('warning', { severity: 'warning' }), told('taken', { acknowledged: { by: 'x', at: '', note: '' } }),
      told('older'), told('newer', { raisedAt: '2026-01-01T11:30:00Z' }),
    ] })], moment);
    expect(alerts.map(({ id }) => id)).toEqual(['newer', 'older', 'warning', 'taken', 'muted']);
    expect(counts).toEqual({ bad: 2, warning: 1, acknowledged: 1, muted: 1 });
  });

  it('says how old it is, and never takes silence for health', () => {
    const freshness = (cluster: SeenCluster): unknown => drawAlerts([cluster], moment).clusters[0]?.freshness;
    expect(freshness(seen())).toBe('live');
    expect(freshness(seen({ at: 93_000 }))).toBe('stale');
    expect(freshness(seen({ problem: 'no answer' }))).toBe('stale');
    expect(freshness(seen({ at: 30_000 }))).toBe('unknown');
    expect(freshness(seen({ heard: null }))).toBe('unknown');
    expect(drawAlerts([seen({ topology: picture({ lifecycle: 'off' }) })], moment)).toMatchObject({ alerts: [], clusters: [] });
  });

  it("does not show twice what the cluster says itself, and lets its mutes count for what is seen here", () => {
    const own = watching(0);
    own.look(picture({ ...silent, nodes: [node('n1', { condition: 'host-up-node-down' })] }), 0);
    const cluster = seen({ alerts: [told('x', { subject: 'n1', nodeId: 'n1' })], own: own.open(picture()) });
    expect(drawAlerts([cluster], moment).alerts.map(({ source, rule }) => `${source} ${rule}`).sort()).toEqual(['app cluster-unreachable', 'cluster node-down']);
    const mute = { id: 'm', rule: null, subject: 'n1', until: '2026-01-01T13:00:00Z', reason: '', by: '', createdAt: '' };
    const muted = drawAlerts([{ ...cluster, heard: { alerts: [], mutes: [mute], evaluatedAt: null, at: 99_500 } }], moment).alerts;
    expect(muted.map(({ rule, mutedUntil }) => [rule, mutedUntil])).toEqual([['cluster-unreachable', null], ['node-down', mute.until]]);
    expect(drawAlerts([{ ...cluster, heard: null, kept: [mute] }], moment).alerts.find(({ rule }) => rule === 'node-down')?.mutedUntil).toBe(mute.until);
  });
});
