import type { AlertMute } from '../../../server-bundle/contract/index.ts';
import type { Alert, AlertPicture, Topology } from '../../contract/index.ts';
import { countsOf } from './counts.ts';
import type { Heard } from './cluster-feed.ts';

export interface SeenCluster {
  readonly topology: Pick<Topology, 'clusterId' | 'name' | 'lifecycle'>;
  readonly heard: Heard | null;
  readonly problem: string | null;
  readonly own: readonly Alert[];
  /** mutes that count for what is seen here, besides those that were heard */
  readonly kept: readonly AlertMute[];
}

export interface Moment {
  /** monotonic */
  readonly now: number;
  /** milliseconds since 1970 */
  readonly wallClock: number;
  /** between two questions */
  readonly intervalMs: number;
}

/** After so many missed answers what was heard is stale; after this time it says nothing any more. */
const missed = 3;
const unknownAfterMs = 60_000;

/** All alerts in one picture: a pure function. What was heard last stays, with the word how old it is. */
export function drawAlerts(seen: readonly SeenCluster[], moment: Moment): AlertPicture {
  const running = seen.filter(({ topology }) => topology.lifecycle === 'running');
  const alerts = running.flatMap((cluster) => alertsOf(cluster, moment)).sort(byUrgency);
  const clusters = running.map(({ topology: { clusterId, name }, heard, problem }) => ({
    clusterId, name, evaluatedAt: heard?.evaluatedAt ?? null, freshness: freshnessOf(heard, problem, moment), problem,
  }));
  return { alerts, clusters, counts: countsOf(alerts) };
}

function freshnessOf(heard: Heard | null, problem: string | null, { now, intervalMs }: Moment): AlertPicture['clusters'][number]['freshness'] {
  if (heard === null) return 'unknown';
  const ageMs = now - heard.at;
  if (ageMs > Math.max(unknownAfterMs, missed * intervalMs)) return 'unknown';
  return problem !== null || ageMs > missed * intervalMs ? 'stale' : 'live';
}

function alertsOf({ topology: { clusterId, name }, heard, own, kept }: SeenCluster, { wallClock }: Moment): Alert[] {
  const told = (heard?.alerts ?? []).map((alert): Alert => ({ ...alert, clusterId, clusterName: name, source: 'cluster', hostId: null }));
  const known = new Set(told.map(({ rule, subject }) => `${rule}/${subject}`));
  const seenHere = own.filter(({ rule, subject }) => !known.has(`${rule}/${subject}`))
    .map((alert) => ({ ...alert, mutedUntil: mutedUntil([...(heard?.mutes ?? []), ...kept], alert, wallClock) }));
  return [...told, ...seenHere];
}

/** Who silences a node in its cluster wants to hear of it from nobody. */
function mutedUntil(mutes: readonly AlertMute[], alert: Alert, wallClock: number): string | null {
  const fitting = mutes.filter(({ rule, subject, until }) =>
    (rule === null || rule === alert.rule) && (subject === null || subject === alert.subject || subject === alert.nodeId) && Date.parse(until) > wallClock);
  return fitting.map(({ until }) => until).sort().at(-1) ?? null;
}

const rank = (alert: Alert): number => (alert.mutedUntil !== null ? 4 : alert.acknowledged !== null ? 2 : 0) + (alert.severity === 'bad' ? 0 : 1);

function byUrgency(a: Alert, b: Alert): number {
  return rank(a) - rank(b) || Date.parse(b.raisedAt) - Date.parse(a.raisedAt) || a.id.localeCompare(b.id);
}
