import type { ObservedCluster, ObservedNode } from '../metadata/alerts/observe.ts';
import { limitOf, type Condition, type Rules } from './conditions.ts';
import type { RuleId } from './rules.ts';
import { durationInWords, fillInWords } from './words.ts';

/** A live node that has been silent for longer cannot be believed any more; members are marked gone well before. */
const silentMs = 5000;

/** What is wrong with single nodes, and with how many there are. */
export function nodeConditions(cluster: ObservedCluster, rules: Rules): Condition[] {
  return [...cluster.nodes.flatMap((node) => [...presence(node), ...ofLive(node, cluster, rules)]), ...redundancy(cluster)];
}

const isLive = ({ incarnation, goneCause }: ObservedNode): boolean => incarnation !== null && goneCause === null;
const isHeard = (node: ObservedNode): boolean => isLive(node) && node.ageMs < silentMs;

function about(node: ObservedNode, rule: RuleId, value: string, threshold: string, message: string): Condition {
  return { rule, subject: node.nodeId, nodeId: node.nodeId, value, threshold, message: `${node.nodeId}: ${message}` };
}

/** Whoever drained a node, or takes it away, knows that it will be gone. */
function* presence(node: ObservedNode): Generator<Condition> {
  const { incarnation, desired, goneCause, ageMs } = node;
  if (incarnation === null || desired === 'drained' || desired === 'stopped') return;
  const silence = `silent for ${durationInWords(ageMs)}`;
  if (goneCause === 'left') {
    if (desired === 'serving') yield about(node, 'node-stopped', silence, 'running', 'the node was stopped and has not come back');
  } else if (goneCause !== null || ageMs > silentMs) {
    yield about(node, 'node-down', silence, durationInWords(silentMs), goneCause === null ? 'the node is silent' : 'the node was lost and has not come back');
  }
}

function* redundancy({ nodes }: ObservedCluster): Generator<Condition> {
  const wanted = nodes.filter(({ incarnation, desired }) => incarnation !== null && desired === 'serving');
  const serving = nodes.filter((node) => isHeard(node) && node.state === 'serving');
  if (wanted.length < 2 || serving.length > 1) return;
  const value = `${String(serving.length)} of ${String(wanted.length)} nodes`;
  yield { rule: 'no-redundancy', subject: 'cluster', nodeId: null, value, threshold: 'at least 2', message: `Only ${value} can serve: the next loss is an outage` };
}

function* ofLive(node: ObservedNode, { lease }: ObservedCluster, rules: Rules): Generator<Condition> {
  if (!isHeard(node)) return;
  const { facts, rates, pool } = node;
  const beyond = (rule: RuleId, measured: number): boolean => measured > limitOf(rules, rule);
  const inMs = (rule: RuleId): string => durationInWords(limitOf(rules, rule));

  // a former master needs a moment to hear of its successor: the rule's own window is longer
  const believed = facts?.masterEpoch ?? null;
  if (believed !== null && lease !== null && node.incarnation !== lease.incarnation) {
    yield about(node, 'two-masters', `epoch ${String(believed)}`, `${lease.nodeId ?? 'nobody'}, epoch ${String(lease.epoch)}`,
      `takes itself for the master, but ${lease.nodeId ?? 'nobody'} is`);
  }
  const gapMs = Math.max(facts?.heartbeatGapMs ?? 0, node.ageMs);
  if (beyond('heartbeat-late', gapMs)) yield about(node, 'heartbeat-late', durationInWords(gapMs), inMs('heartbeat-late'), `heartbeats are confirmed up to ${durationInWords(gapMs)} late`);
  const offsetMs = facts?.clockOffsetMs ?? 0;
  if (beyond('clock-skew', Math.abs(offsetMs))) {
    const skew = `${durationInWords(Math.abs(offsetMs))} ${offsetMs > 0 ? 'ahead of' : 'behind'}`;
    yield about(node, 'clock-skew', `${skew} the database`, inMs('clock-skew'), `the host's clock is ${skew} the database's`);
  }
  const disk = facts?.systemDisk;
  if (disk && disk.totalBytes > 0 && beyond('disk', (1 - disk.freeBytes / disk.totalBytes) * 100)) {
    const fill = fillInWords(disk.totalBytes, disk.freeBytes);
    yield about(node, 'disk', `disk ${fill}`, `${String(limitOf(rules, 'disk'))} %`, `the disk of the host (${disk.path}) is ${fill} full`);
  }
  if (facts !== null && facts.filestore.state !== 'ok') {
    yield about(node, 'filestore-unreachable', facts.filestore.state, 'ok', facts.filestore.reason ?? 'the filestore cannot be used');
  }
  if (pool.waiting >= limitOf(rules, 'pool-waiting')) {
    yield about(node, 'pool-waiting', `${String(pool.waiting)} wait`, String(limitOf(rules, 'pool-waiting')), `${String(pool.waiting)} requests wait for one of ${String(pool.max)} database connections`);
  }
  const delayMs = rates?.eventLoopP99Ms ?? 0;
  if (beyond('event-loop-delay', delayMs)) yield about(node, 'event-loop-delay', durationInWords(delayMs), inMs('event-loop-delay'), `the event loop is ${durationInWords(delayMs)} late: the node is overloaded`);
}
