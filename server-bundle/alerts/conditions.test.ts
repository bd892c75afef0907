import { expect, test } from 'vitest';
import type { NodeFacts } from '../contract/index.ts';
import type { ObservedCluster, ObservedNode } from '../metadata/alerts/observe.ts';
import { conditionsOf, type Sight } from './conditions.ts';
import { effectiveRules, ruleDefinitions, type RuleOverride } from './rules.ts';

const rules = effectiveRules(new Map());
const GB = 1e9;
const facts: NodeFacts = {
  filestore: { state: 'ok', reason: null, totalBytes: 100 * GB, freeBytes: 60 * GB }, systemDisk: { path: '/', totalBytes: 40 * GB, freeBytes: 20 * GB },
  clockOffsetMs: 3, heartbeatGapMs: 260, masterEpoch: null,
};
const node = (nodeId: string, change: Partial<ObservedNode> = {}): ObservedNode => ({
  nodeId, desired: 'serving', incarnation: `i-${nodeId}`, version: '1.0.0', state: 'serving', goneCause: null, ageMs: 120,
  pool: { max: 10, inUse: 1, idle: 2, waiting: 0 },
  rates: { requestsPerSecond: 0, bytesInPerSecond: 0, bytesOutPerSecond: 0, queriesPerSecond: 0, p99Ms: null, eventLoopP99Ms: 12, memoryBytes: 1 },
  facts, ...change,
});
const cluster = (change: Partial<ObservedCluster> = {}): ObservedCluster => ({
  at: Date.parse('2026-06-01T00:00:00Z'), id: 'c', name: 'prod', collectionLocked: null, failingWebhooks: [],
  lease: { nodeId: 'n1', incarnation: 'i-n1', epoch: 7, ageMs: 60_000, cause: 'first' }, evaluated: { agoMs: 2000, epoch: 7 },
  nodes: [node('n1', { facts: { ...facts, masterEpoch: 7 } }), node('n2'), node('n3')], ...change,
});
const budget = { budget: 90, observed: 40, foreign: 3, minimumPerNode: 8, maxConnections: 100, superuserReserved: 3, reserved: 0 };
const see = (change: Partial<ObservedCluster> = {}, rest: Partial<Sight> = {}, by = rules): [string, string, string][] =>
  conditionsOf({ cluster: cluster(change), budget, certificates: [], ...rest }, by).map(({ rule, subject, value }) => [rule, subject, value]);
const others = [node('n1'), node('n3')];

test('a cluster that is well has nothing to say', () => {
  expect(see()).toEqual([]);
});

test.each<[string, Partial<ObservedNode>, [string, string][]]>([
  ['lost', { goneCause: 'lost', ageMs: 12_000 }, [['node-down', 'silent for 12 s']]],
  ['fenced', { goneCause: 'fenced', ageMs: 4000 }, [['node-down', 'silent for 4 s']]],
  ['silent, and nobody has marked it gone yet', { ageMs: 6000 }, [['node-down', 'silent for 6 s']]],
  ['stopped by somebody who did not drain it', { goneCause: 'left', ageMs: 300_000 }, [['node-stopped', 'silent for 5 min']]],
  ['drained, then stopped', { desired: 'drained', goneCause: 'left', ageMs: 300_000 }, []],
  ['drained, then lost: whoever works on it knows', { desired: 'drained', goneCause: 'lost', ageMs: 300_000 }, []],
  ['never there', { incarnation: null, state: null, facts: null }, []],
  ['late', { facts: { ...facts, heartbeatGapMs: 1400 } }, [['heartbeat-late', '1.4 s']]],
  ['with a clock that is ahead', { facts: { ...facts, clockOffsetMs: 61_000 } }, [['clock-skew', '61 s ahead of the database']]],
  ['with a clock that is behind', { facts: { ...facts, clockOffsetMs: -1500 } }, [['clock-skew', '1.5 s behind the database']]],
  ['on a full disk', { facts: { ...facts, systemDisk: { path: '/', totalBytes: 40 * GB, freeBytes: 3.6 * GB } } }, [['disk', 'disk 91 % of 40 GB']]],
  ['without the share', { facts: { ...facts, filestore: { state: 'unavailable', reason: 'not mounted', totalBytes: null, freeBytes: null } } }, [['filestore-unreachable', 'unavailable']]],
  ['with a queue for its pool', { pool: { max: 10, inUse: 10, idle: 0, waiting: 4 } }, [['pool-waiting', '4 wait']]],
  ['that believes to be the master', { facts: { ...facts, masterEpoch: 6 } }, [['two-masters', 'epoch 6']]],
  ['that tells nothing of itself (an older one)', { facts: null, rates: null }, []],
])('a node %s', (_, change, expected) => {
  expect(see({ nodes: [...others, node('n2', change)] }).map(([rule, , value]) => [rule, value])).toEqual(expected);
});

test('the last serving node of several is an alert; a single one that is wanted is none', () => {
  const lost = { goneCause: 'lost', ageMs: 9000 } as const;
  expect(see({ nodes: [node('n1'), node('n2', lost)] }).map(([rule]) => rule)).toEqual(['node-down', 'no-redundancy']);
  expect(see({ nodes: [node('n1')] })).toEqual([]);
  expect(see({ nodes: [node('n1'), node('n2', { desired: 'drained', state: 'drained' })] })).toEqual([]);
});

test('the connections count by use, and by the minimum that cannot shrink', () => {
  expect(see({}, { budget: { ...budget, observed: 78 } })).toEqual([['budget', 'cluster', '78 of 90 connections (87 %)']]);
  expect(see({}, { budget: { ...budget, observed: 76 } })).toEqual([]);
  expect(see({}, { budget: { ...budget, minimumPerNode: 27 } })).toEqual([['budget', 'cluster', '81 of 90 connections (90 %)']]);
  expect(see({}, { budget: { ...budget, foreign: 50 } })).toEqual([['budget', 'cluster', '90 of 97 server connections (93 %), 50 of them foreign']]);
});

test('a time in which no master worked is told, but not a stop in order, and not a short one', () => {
  const later = { nodeId: 'n2', incarnation: 'i-n2', epoch: 8, ageMs: 500 };
  const nodes = [node('n1'), node('n2', { facts: { ...facts, masterEpoch: 8 } })];
  const gone = { agoMs: 64_000, epoch: 7 };
  expect(see({ nodes, evaluated: gone, lease: { ...later, cause: 'expired' } })).toEqual([['no-master', 'cluster', '64 s']]);
  expect(see({ nodes, evaluated: gone, lease: { ...later, cause: 'hand-over' } })).toEqual([]);
  expect(see({ nodes, evaluated: { agoMs: 4000, epoch: 7 }, lease: { ...later, cause: 'fail-over' } })).toEqual([]);
  // the same master is back after an outage of the database
  expect(see({ evaluated: gone })).toEqual([['no-master', 'cluster', '64 s']]);
  expect(see({ evaluated: null })).toEqual([]);
});

test('the filestore, versions, certificates, collection, webhooks', () => {
  const fill = (freeBytes: number): ObservedNode => node('n2', { facts: { ...facts, filestore: { ...facts.filestore, freeBytes } } });
  expect(see({ nodes: [...others, fill(10 * GB)] })).toEqual([['filestore-space', 'filestore', '90 % of 100 GB']]);
  expect(see({ nodes: [...others, fill(3 * GB)] }).map(([rule]) => rule)).toEqual(['filestore-space', 'filestore-full']);
  expect(see({ nodes: [...others, node('n2', { version: '1.1.0' })] })).toEqual([['version-mismatch', 'cluster', '1.0.0 on n1, n3; 1.1.0 on n2']]);
  const days = (count: number): number => Date.parse('2026-06-01T00:00:00Z') + count * 86_400_000;
  const certificate = { subject: 'public-address', where: 'the public address' } as const;
  expect(see({}, { certificates: [{ ...certificate, notAfter: days(31) }] })).toEqual([]);
  expect(see({}, { certificates: [{ ...certificate, notAfter: days(9) }] })).toEqual([['certificate', 'public-address', '9 days left']]);
  expect(see({}, { certificates: [{ ...certificate, notAfter: days(-3) }] })).toEqual([['certificate', 'public-address', 'ended 3 days ago']]);
  expect(see({ collectionLocked: 'the epoch went back' }).map(([rule]) => rule)).toEqual(['collection-locked']);
  expect(see({ failingWebhooks: [{ name: 'pager', dead: 2, failure: 'answered 500' }] })).toEqual([['webhook-failing', 'pager', '2 given up']]);
});

test('a rule that is off says nothing', () => {
  const off: RuleOverride = { severity: null, enabled: false, threshold: null, raiseAfterSeconds: null, clearAfterSeconds: null };
  const nothing = effectiveRules(new Map(ruleDefinitions.map(({ rule }) => [rule, off])));
  expect(see({ nodes: [node('n1'), node('n2', { goneCause: 'lost' })], collectionLocked: 'x' }, {}, nothing)).toEqual([]);
});
