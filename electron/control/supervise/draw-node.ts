import type { ClusterNode } from '../../../server-bundle/contract/index.ts';
import type { TopologyNode } from '../../contract/index.ts';
import { freshnessOf } from './freshness.ts';
import { observedFor } from './condition.ts';
import { newestSign } from './evidence.ts';
import type { Observation, ProcessSight } from './observation.ts';

/** One node of the picture. What the operating system says of its process counts more than what the cluster last heard. */
export function drawNode(seen: Observation, nodeId: string, url: string): TopologyNode {
  const reported = reportedOf(seen, nodeId);
  const process = seen.processes.get(nodeId) ?? null;
  const host = seen.hosts.get(nodeId);
  const condition = seen.conditions.get(nodeId);
  const ageMs = host === undefined ? ageOf(seen, reported, process) : newestSign(seen, nodeId);
  const master = seen.view?.value.master ?? null;
  if (host !== undefined && condition !== undefined) {
    return {
      nodeId, url, observed: observedFor(condition.condition), process: null, reported, ageMs,
      note: condition.condition === 'serving' ? noteOf(seen, nodeId, reported, null) : condition.sentence,
      freshness: condition.condition === 'unknown' ? 'unknown' : freshnessOf(ageMs, seen.intervalMs),
      isMaster: master?.nodeId === nodeId && isViewKnown(seen),
      requestHistory: [...seen.histories.get(nodeId) ?? []],
      condition: condition.condition,
      host: { hostId: host.hostId, name: host.name, reachability: host.link.reachability },
    };
  }
  return {
    nodeId,
    url,
    observed: observedState(seen, reported, process),
    note: noteOf(seen, nodeId, reported, process),
    process,
    freshness: freshnessOf(ageMs, seen.intervalMs),
    ageMs,
    isMaster: master?.nodeId === nodeId && isViewKnown(seen),
    reported,
    requestHistory: [...seen.histories.get(nodeId) ?? []],
  };
}

/** What the cluster said of it. A rate is of its moment: once nobody has told for a while it is nobody's any more, and no zero either. */
function reportedOf(seen: Observation, nodeId: string): ClusterNode | null {
  const reported = seen.view?.value.nodes.find((node) => node.nodeId === nodeId) ?? null;
  if (seen.view === null || reported === null || freshnessOf(seen.now - seen.view.at, seen.intervalMs) === 'live') return reported;
  return { ...reported, rates: null };
}

/** True while the last view may still be shown as a fact. */
export function isViewKnown(seen: Observation): boolean {
  return freshnessOf(seen.view === null ? null : seen.now - seen.view.at, seen.intervalMs) !== 'unknown';
}

function ageOf(seen: Observation, reported: ClusterNode | null, process: ProcessSight | null): number | null {
  // a process that does not run is all there is to know, and it was looked at just now
  if (process !== null && process.state !== 'running') return 0;
  // that the database is away was said just now
  if (process !== null && seen.databaseRefused) return 0;
  if (seen.view === null || reported === null) return null;
  return Math.round(seen.now - seen.view.at + (reported.heartbeatAgeMs ?? 0));
}

function observedState(seen: Observation, reported: ClusterNode | null, process: ProcessSight | null): TopologyNode['observed'] {
  if (process?.state === 'stopped') return 'stopped';
  if (process?.state === 'frozen') return 'unreachable';
  if (process?.state === 'starting') return 'starting';
  const isAlive = process?.state === 'running';
  // the members' verdict on the life before this one, not yet corrected
  if (isAlive && (reported === null || reported.observed === 'stopped')) return seen.databaseRefused ? 'no-database' : 'starting';
  if (isAlive && seen.databaseRefused) return 'no-database';
  return reported?.observed ?? 'unreachable';
}

function noteOf(seen: Observation, nodeId: string, reported: ClusterNode | null, process: ProcessSight | null): string | null {
  const act = seen.acts.get(nodeId);
  const state = process?.state;
  if (act !== undefined && (state === 'stopped' || state === 'frozen')) return `${act.what} from this app ${duration(seen.now - act.at)} ago`;
  if (state === 'frozen') return 'frozen: the process is stopped by a signal';
  if (state === 'stopped' && seen.lifecycle === 'running') return 'the process has ended';
  if (state === 'running' && seen.databaseRefused) return 'runs, and cannot reach the database';
  if (reported?.observed === 'draining') return `${reported.inFlight} in flight`;
  if (reported !== null && reported.observed === 'serving' && !reported.caching) return 'answers from the database: no caching right';
  return null;
}

function duration(milliseconds: number): string {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 90) return `${seconds} s`;
  return seconds < 5400 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}
