import { expect, it } from 'vitest';
import type { ClusterStatus } from '../../../server-bundle/contract/index.ts';
import { lanSettings } from '../../contract/index.ts';
import type { HostReleases } from './host-releases.ts';
import { planUpgrade, type PlanFacts, type Wanted } from './plan.ts';

const old = { name: '0.1.0-aaaaaaaa', version: '0.1.0', schema: 3, since: 1 };
const own = { name: '0.2.0-bbbbbbbb', version: '0.2.0', schema: 4, since: 2 };
const ids = ['n1', 'n2', 'n3'];

function host(nodeId: string, changes: Partial<HostReleases> = {}): HostReleases {
  return { nodeId, hostId: `h-${nodeId}`, host: nodeId, problem: null, current: old.name, cpu: 'x64', releases: [old], incomplete: [], ...changes };
}

function statusOf(changes: { nodes?: readonly string[]; serving?: readonly string[]; master?: string; servesFrom?: number; foreign?: number; runs?: ClusterStatus['runs'] } = {}): ClusterStatus {
  const { nodes = ids, serving = nodes, master = 'n1', servesFrom = 1, foreign = 1, runs = [] } = changes;
  const pool = { max: 20, inUse: 0, idle: 0, waiting: 0 };
  return {
    schema: { applied: 3, servesFrom }, runs,
    view: {
      apiVersion: 1, asOf: '2026-01-01T00:00:00.000Z', answeredBy: '', cluster: { id: 'c', name: 'art' }, master: { nodeId: master, epoch: 1, since: '2026-01-01T00:00:00.000Z' },
      nodes: nodes.map((nodeId) => ({
        nodeId, incarnation: 'i', url: `http://${nodeId}:8081`, desired: 'serving', observed: serving.includes(nodeId) ? 'serving' : 'unreachable', version: '0.1.0', startedAt: null,
        heartbeatAt: null, heartbeatAgeMs: 0, inFlight: 0, drainDeadline: null, caching: true, pool, rates: null,
      })),
      database: {
        serverVersion: '18', host: 'db', port: 5432, name: 'bulkhead', maxConnections: 100, superuserReserved: 3, reserved: 0, kept: 7, limitedBy: null, budget: 90, granted: 75, free: 15,
        observed: 30, foreign, minimumPerNode: 7, wantedPerNode: 22, grants: [],
      },
      filestore: { path: '', state: 'ok', totalBytes: null, freeBytes: null, storedBytes: 0, blobCount: 0, unreferencedBytes: 0, nextCollectionAt: null }, collectionLocked: null,
    },
  };
}

function facts(changes: Partial<PlanFacts> = {}): PlanFacts {
  const settings = lanSettings.parse({ name: 'art', database: { host: 'db' }, filestore: '/srv/bulkhead' });
  return { cluster: { clusterId: 'c1', settings, nodes: [] }, status: statusOf(), hosts: ids.map((id) => host(id)), own, ...changes };
}

const refusals = (given: PlanFacts, wanted: Partial<Wanted> = {}): (string | null)[] =>
  planUpgrade(given, { to: own.name, batch: 1, ...wanted }).checks.filter(({ status }) => status === 'failed').map(({ code }) => code);

it('takes the master last, and counts with what nodes of a batch do side by side', () => {
  const one = planUpgrade(facts(), { to: own.name, batch: 1 });
  expect(one.nodes.map(({ nodeId, batch, master, from, to }) => [nodeId, batch, master, from, to])).toEqual([
    ['n2', 1, false, old.name, own.name], ['n3', 2, false, old.name, own.name], ['n1', 3, true, old.name, own.name],
  ]);
  expect(one.allowed).toBe(true);
  const two = planUpgrade(facts(), { to: own.name, batch: 2 });
  expect(two.nodes.map(({ batch }) => batch)).toEqual([1, 1, 2]);
  expect(two.seconds).toBeCloseTo(one.seconds * 2 / 3);
});

it('leaves out who runs it already, unless it is to be restarted', () => {
  const hosts = [host('n1', { current: own.name, releases: [old, own] }), host('n2'), host('n3')];
  expect(planUpgrade(facts({ hosts }), { to: own.name, batch: 1 }).nodes.map(({ nodeId, unchanged, batch }) => [nodeId, unchanged, batch])).toEqual([['n2', false, 1], ['n3', false, 2], ['n1', true, 0]]);
  expect(planUpgrade(facts(), { to: old.name, batch: 1, nodeIds: ['n2'], restart: true }).nodes).toMatchObject([{ nodeId: 'n2', unchanged: false }]);
});

it('lets no node serve that somebody has drained, unless that is taken on; one that an earlier upgrade has left drained is nobody\'s', () => {
  const status = statusOf({ serving: ['n1', 'n3'] });
  const drained = (drainNote: ClusterStatus['view']['nodes'][number]['drainNote'], nodeId = 'n2'): PlanFacts => facts({ status: { ...status, view: { ...status.view, nodes: status.view.nodes.map((node) => (
    node.nodeId === nodeId ? { ...node, desired: 'drained', observed: 'drained', drainUntil: '2026-01-02T00:00:00.000Z', drainNote } : node)) } } });
  const maintenance = { kind: 'maintenance', by: 'ada on desk', note: 'a new disk' } as const;
  const plan = planUpgrade(drained(maintenance), { to: own.name, batch: 1 });
  expect(plan.allowed).toBe(false);
  expect(plan.checks.find(({ id }) => id === 'drained')).toMatchObject({ status: 'warning', stops: true, found: expect.stringContaining('n2 is in maintenance until 2026-01-02T00:00:00.000Z, by ada on desk') as string });
  expect(planUpgrade(drained(maintenance), { to: own.name, batch: 1, acceptWarnings: ['drained'] }).allowed).toBe(true);
  expect(planUpgrade(drained(null), { to: own.name, batch: 1 }).allowed).toBe(false);
  expect(planUpgrade(drained({ ...maintenance, kind: 'upgrade' }), { to: own.name, batch: 1 }).allowed).toBe(true);
  expect(planUpgrade(drained(maintenance), { to: old.name, batch: 1, nodeIds: ['n3'], restart: true }).allowed).toBe(true);
});

it('refuses to leave nobody who serves', () => {
  expect(refusals(facts(), { batch: 3 })).toEqual(['CAPACITY_TOO_SMALL']);
  expect(refusals(facts({ status: statusOf({ serving: ['n2'] }) }))).toEqual(['CAPACITY_TOO_SMALL']);
  expect(refusals(facts({ status: statusOf({ serving: ['n2', 'n3'] }) }))).toEqual([]);
});

it('switches the only node of a cluster when that is taken on, and says for how long nobody serves', () => {
  const alone = facts({ hosts: [host('n1')], status: statusOf({ nodes: ['n1'] }) });
  const plan = planUpgrade(alone, { to: own.name, batch: 1 });
  expect(plan.allowed).toBe(false);
  expect(plan.checks.find(({ id }) => id === 'capacity')).toMatchObject({ status: 'warning', stops: true, code: 'CAPACITY_TOO_SMALL', found: expect.stringContaining('nobody serves for about 15 s') as string });
  expect(planUpgrade(alone, { to: own.name, batch: 1, acceptWarnings: ['capacity'] }).allowed).toBe(true);
  // where others could be brought back it stays a refusal
  expect(planUpgrade(facts({ status: statusOf({ serving: ['n2'] }) }), { to: own.name, batch: 1, acceptWarnings: ['capacity'] }).allowed).toBe(false);
});

it('refuses when others have taken what a restarted node needs, and shows the sum', () => {
  const { checks } = planUpgrade(facts({ status: statusOf({ foreign: 80 }) }), { to: own.name, batch: 1 });
  expect(checks.find(({ id }) => id === 'budget')).toMatchObject({
    status: 'failed', code: 'CONNECTION_BUDGET_EXHAUSTED',
    arithmetic: '100 − 3 superuser − 0 reserved − 7 kept = 90; 80 held by others leave 17; 3 nodes × 7 at least = 21, and 1 to start with',
  });
});

it('goes back only to what every host has and the schema serves', () => {
  const hosts = ids.map((id) => host(id, { current: own.name, releases: id === 'n3' ? [own] : [old, own] }));
  expect(refusals(facts({ hosts }), { to: old.name })).toEqual(['RELEASE_NOT_THERE']);
  const all = ids.map((id) => host(id, { current: own.name, releases: [old, own] }));
  expect(refusals(facts({ hosts: all }), { to: old.name })).toEqual([]);
  const gone = facts({ hosts: all, status: statusOf({ servesFrom: 4 }) });
  expect(refusals(gone, { to: old.name })).toEqual(['VERSION_UNSUPPORTED']);
  expect(planUpgrade(gone, { to: own.name, batch: 1 }).releases.map(({ name, usable }) => [name, usable])).toEqual([[own.name, true], [old.name, false]]);
});

it('refuses versions that do not serve together, silent hosts, and a second upgrade', () => {
  const far = { name: '0.4.0-cccccccc', version: '0.4.0', schema: 4, since: 3 };
  expect(refusals(facts({ own: far }), { to: far.name })).toEqual(['VERSION_UNSUPPORTED']);
  expect(refusals(facts({ hosts: [host('n1'), host('n2', { cpu: 'arm64' }), host('n3')] }))).toEqual(['NOT_SUPPORTED']);
  expect(refusals(facts({ hosts: [host('n1'), host('n2', { problem: 'no answer', current: null, releases: [] }), host('n3')] }))).toEqual(['HOST_UNREACHABLE']);
  const open = { id: 'r', plan: { kind: 'upgrade', to: 'x', batch: 1, turns: [] }, progress: { turns: {}, failure: null }, state: 'running', wish: null, startedBy: 'a', holder: 'a', startedAt: 0, endedAt: null, holderUntil: 0, asOf: 0 } as const;
  expect(refusals(facts({ status: statusOf({ runs: [{ ...open, plan: { ...open.plan }, progress: { ...open.progress } }] }) }))).toEqual(['UPGRADE_RUNNING']);
});
