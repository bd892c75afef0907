import type { Evidence } from './condition.ts';
import type { Observation } from './observation.ts';

type Seen = Pick<Observation, 'now' | 'hosts' | 'words' | 'view' | 'intervalMs'>;

/** Everything that was heard of one node, with its age. */
export function evidenceOf({ now, hosts, words, view, intervalMs }: Seen, nodeId: string): Evidence {
  const host = hosts.get(nodeId) ?? null;
  const { heard, silentSince } = words.get(nodeId) ?? { heard: null, silentSince: null };
  const reported = view?.value.nodes.find((node) => node.nodeId === nodeId);
  const vitals = host?.link.vitals ?? null;
  const unit = vitals?.raw.unit;
  return {
    own: heard === null ? null : { state: heard.value, ageMs: now - heard.at },
    silentMs: silentSince === null ? null : now - silentSince,
    cluster: view === null || reported === undefined ? null : { state: reported.observed, viewAgeMs: now - view.at, heartbeatAgeMs: reported.heartbeatAgeMs },
    unit: vitals === null || unit === undefined ? null : {
      activeState: unit.get('ActiveState') ?? 'unknown', subState: unit.get('SubState') ?? '', result: unit.get('Result') ?? '',
      loaded: unit.get('LoadState') !== 'not-found', ageMs: now - vitals.at,
    },
    host: host === null ? null : { name: host.name, reachability: host.link.reachability, problem: host.link.problem?.message ?? null },
    // facts of a host come at their own pace
    intervalMs: Math.max(intervalMs, host?.link.intervalMs ?? 0),
  };
}

/** Milliseconds since the newest sign of this node from anywhere; null when there never was one. */
export function newestSign(seen: Seen, nodeId: string): number | null {
  const { own, cluster, unit } = evidenceOf(seen, nodeId);
  const { viewAgeMs = 0, heartbeatAgeMs = null } = cluster ?? {};
  const ages = [own?.ageMs ?? null, unit?.ageMs ?? null, heartbeatAgeMs === null ? null : viewAgeMs + heartbeatAgeMs];
  const known = ages.filter((age) => age !== null);
  return known.length === 0 ? null : Math.round(Math.min(...known));
}
