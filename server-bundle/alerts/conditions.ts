import type { AlertRule, DatabaseBudget } from '../contract/index.ts';
import type { ObservedCluster } from '../metadata/alerts/observe.ts';
import type { Certificate } from './certificates.ts';
import { nodeConditions } from './node-conditions.ts';
import type { RuleId } from './rules.ts';
import { durationInWords, fillInWords, percent } from './words.ts';

/** Something that is so now and that a rule speaks about. */
export interface Condition {
  readonly rule: RuleId;
  /** what it is about; with the rule it names the alert */
  readonly subject: string;
  readonly nodeId: string | null;
  readonly message: string;
  /** in words */
  readonly value: string;
  readonly threshold: string;
}

export interface Sight {
  readonly cluster: ObservedCluster;
  readonly budget: Pick<DatabaseBudget, 'budget' | 'observed' | 'foreign' | 'minimumPerNode' | 'maxConnections' | 'superuserReserved' | 'reserved'>;
  readonly certificates: readonly Certificate[];
}

export type Rules = ReadonlyMap<string, AlertRule>;

/** The threshold of a rule that has one. */
export function limitOf(rules: Rules, rule: RuleId): number {
  return rules.get(rule)?.threshold?.value ?? 0;
}

/** Everything that is wrong at this moment, by the rules as they hold now. Decides nothing about how long. */
export function conditionsOf(sight: Sight, rules: Rules): Condition[] {
  const { cluster } = sight;
  return [
    ...nodeConditions(cluster, rules),
    ...interruption(cluster, limitOf(rules, 'no-master')),
    ...connections(sight, limitOf(rules, 'budget')),
    ...filestoreRoom(cluster, rules),
    ...versions(cluster),
    ...certificates(sight, limitOf(rules, 'certificate')),
    ...locked(cluster),
    ...webhooks(cluster),
  ].filter(({ rule }) => rules.get(rule)?.enabled !== false);
}

/** Nobody can evaluate while there is no master: whoever is the next one finds how long that was. A stop in order is none. */
function* interruption({ evaluated, lease }: ObservedCluster, limitSeconds: number): Generator<Condition> {
  if (evaluated === null || lease === null || evaluated.agoMs < limitSeconds * 1000) return;
  const sameMaster = lease.epoch === evaluated.epoch;
  if (!sameMaster && lease.cause === 'hand-over') return;
  const long = durationInWords(evaluated.agoMs);
  yield {
    rule: 'no-master', subject: 'cluster', nodeId: null, value: long, threshold: durationInWords(limitSeconds * 1000),
    message: sameMaster ? `The master did nothing for ${long}: it did not reach the database, or stood still` : `The cluster had no master for up to ${long}`,
  };
}

/**
 * By what is in use, not by what is granted: nodes are granted what there is, and shrink when another one comes. The minimum of all
 * nodes cannot shrink, so it counts as used.
 */
function* connections({ cluster, budget }: Sight, limit: number): Generator<Condition> {
  const live = cluster.nodes.filter(({ incarnation, goneCause }) => incarnation !== null && goneCause === null).length;
  const used = Math.max(budget.observed, live * budget.minimumPerNode);
  const slots = budget.maxConnections - budget.superuserReserved - budget.reserved;
  const all = budget.observed + budget.foreign;
  const threshold = `${String(limit)} %`;
  const about = { rule: 'budget', subject: 'cluster', nodeId: null, threshold } as const;
  if (budget.budget > 0 && used / budget.budget * 100 > limit) {
    yield { ...about, value: `${String(used)} of ${String(budget.budget)} connections (${percent(used / budget.budget)})`, message: `${percent(used / budget.budget)} of the connection budget is in use` };
  } else if (slots > 0 && all / slots * 100 > limit) {
    yield {
      ...about, value: `${String(all)} of ${String(slots)} server connections (${percent(all / slots)}), ${String(budget.foreign)} of them foreign`,
      message: `${percent(all / slots)} of the database server's connections are in use, ${String(budget.foreign)} by others`,
    };
  }
}

/** Of the nodes that can use the filestore the one that sees least room counts. */
function* filestoreRoom({ nodes }: ObservedCluster, rules: Rules): Generator<Condition> {
  const seen = nodes.flatMap(({ facts, goneCause }) => {
    const { state, totalBytes, freeBytes } = facts?.filestore ?? {};
    return goneCause === null && state === 'ok' && totalBytes && typeof freeBytes === 'number' ? [{ totalBytes, freeBytes, used: 1 - freeBytes / totalBytes }] : [];
  });
  const fullest = seen.sort((a, b) => b.used - a.used)[0];
  if (fullest === undefined) return;
  for (const rule of ['filestore-space', 'filestore-full'] as const) {
    const limit = limitOf(rules, rule);
    if (fullest.used * 100 <= limit) continue;
    const value = fillInWords(fullest.totalBytes, fullest.freeBytes);
    yield { rule, subject: 'filestore', nodeId: null, value, threshold: `${String(limit)} %`, message: `The filestore is ${value} full` };
  }
}

function* versions({ nodes }: ObservedCluster): Generator<Condition> {
  const byVersion = new Map<string, string[]>();
  for (const { nodeId, version, incarnation, goneCause } of nodes) {
    if (incarnation !== null && goneCause === null) byVersion.set(version, [...byVersion.get(version) ?? [], nodeId]);
  }
  if (byVersion.size < 2) return;
  const value = [...byVersion].map(([version, ids]) => `${version} on ${ids.join(', ')}`).join('; ');
  yield { rule: 'version-mismatch', subject: 'cluster', nodeId: null, value, threshold: 'one version', message: `Nodes of different versions serve together: ${value}` };
}

function* certificates({ certificates: seen, cluster }: Sight, limitDays: number): Generator<Condition> {
  for (const { subject, where, notAfter } of seen) {
    const leftMs = notAfter - cluster.at;
    if (leftMs > limitDays * 86_400_000) continue;
    const value = leftMs > 0 ? `${durationInWords(leftMs)} left` : `ended ${durationInWords(-leftMs)} ago`;
    yield {
      rule: 'certificate', subject, nodeId: null, value, threshold: `${String(limitDays)} days`,
      message: leftMs > 0 ? `The certificate of ${where} ends in ${durationInWords(leftMs)}` : `The certificate of ${where} has ended`,
    };
  }
}

function* locked({ collectionLocked }: ObservedCluster): Generator<Condition> {
  if (collectionLocked === null) return;
  yield { rule: 'collection-locked', subject: 'cluster', nodeId: null, value: 'locked', threshold: 'not locked', message: `Collection is locked: ${collectionLocked}` };
}

function* webhooks({ failingWebhooks }: ObservedCluster): Generator<Condition> {
  for (const { name, dead, failure } of failingWebhooks) {
    yield {
      rule: 'webhook-failing', subject: name, nodeId: null, value: `${String(dead)} given up`, threshold: 'none',
      message: `The webhook "${name}" was not told of ${String(dead)} ${dead === 1 ? 'message' : 'messages'}${failure === null ? '' : `: ${failure}`}`,
    };
  }
}
