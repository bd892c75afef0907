import type { ObservedState } from '../../../server-bundle/contract/index.ts';
import type { NodeCondition, Reachability } from '../../contract/index.ts';

/** Ages are milliseconds; null: never heard. */
export interface Evidence {
  /** the node's own word, and how long ago it was given */
  readonly own: { readonly state: ObservedState; readonly ageMs: number } | null;
  /** the last questions to the node itself were not answered: for how long, since the first of them */
  readonly silentMs: number | null;
  /** what another member last heard of it, in a view of this age */
  readonly cluster: { readonly state: ObservedState; readonly viewAgeMs: number; readonly heartbeatAgeMs: number | null } | null;
  readonly unit: { readonly activeState: string; readonly subState: string; readonly result: string; readonly loaded: boolean; readonly ageMs: number } | null;
  readonly host: { readonly name: string; readonly reachability: Reachability; readonly problem: string | null } | null;
  /** time between two looks now; what is older than three of them is no fact any more */
  readonly intervalMs: number;
}

export interface Verdict {
  readonly condition: NodeCondition;
  readonly sentence: string;
}

/** A heartbeat comes several times a second; a member that was heard within this time is alive. */
const heartbeatFreshMs = 3000;
/** A node that did not answer for this long while its host did is silent, and not merely slow. */
const silentAfterMs = 4000;

const ownWords: Record<ObservedState, Verdict> = {
  serving: { condition: 'serving', sentence: 'The node says that it serves' },
  starting: { condition: 'starting', sentence: 'The node runs and does not serve yet' },
  draining: { condition: 'draining', sentence: 'The node finishes its requests and takes no new ones' },
  drained: { condition: 'drained', sentence: 'The node runs and takes no requests' },
  'no-database': { condition: 'cut-off-from-database', sentence: 'The node runs and cannot reach the database' },
  fenced: { condition: 'fenced', sentence: 'The cluster has shut this incarnation out; the node joins anew' },
  // it has left the cluster, its process is about to end
  stopped: { condition: 'draining', sentence: 'The node is about to stop' },
  unreachable: { condition: 'unknown', sentence: 'The node does not know its own state' },
};

/** What is known of a node, from all that was heard: the newest word counts, and what is too old counts as nothing. A pure function. */
export function conditionOf({ own, silentMs, cluster, unit, host, intervalMs }: Evidence): Verdict {
  const limit = Math.max(3 * intervalMs, heartbeatFreshMs);
  const isFresh = (ageMs: number): boolean => ageMs <= limit;
  const freshUnit = unit !== null && isFresh(unit.ageMs) ? unit : null;
  const freshOwn = own !== null && isFresh(own.ageMs) ? own : null;
  const hostName = host === null ? 'its host' : host.name;

  // a service that ended after the node's last word has the last word
  if (freshUnit !== null && !runs(freshUnit) && (freshOwn === null || freshUnit.ageMs < freshOwn.ageMs)) {
    return { condition: 'host-up-node-down', sentence: `${hostName} answers; ${unitSentence(freshUnit)}` };
  }
  if (freshOwn !== null) return ownWords[freshOwn.state];
  if (cluster !== null && isFresh(cluster.viewAgeMs) && cluster.heartbeatAgeMs !== null && cluster.heartbeatAgeMs <= heartbeatFreshMs && isAliveWord(cluster.state)) {
    const through = host !== null && host.reachability === 'unreachable' ? `; ${hostName} does not answer this machine` : '';
    return { condition: ownWords[cluster.state].condition, sentence: `By its heartbeat the node is ${cluster.state}${through}` };
  }
  if (freshUnit !== null && silentMs !== null && silentMs >= silentAfterMs) {
    return { condition: 'node-silent', sentence: `${hostName} answers and the service runs, but the node does not answer` };
  }
  if (freshUnit !== null) return { condition: 'unknown', sentence: `The service runs on ${hostName}; the node itself has not been heard` };
  if (host?.reachability === 'unreachable') return { condition: 'host-unreachable', sentence: `${hostName} cannot be reached${host.problem === null ? '' : ` (${host.problem})`}` };
  if (host?.reachability === 'refused') return { condition: 'unknown', sentence: `${hostName} does not let this app in${host.problem === null ? '' : ` (${host.problem})`}, and the node does not answer` };
  return { condition: 'unknown', sentence: 'Nothing has been heard that is young enough to be believed' };
}

function runs({ loaded, activeState }: NonNullable<Evidence['unit']>): boolean {
  return loaded && (activeState === 'active' || activeState === 'deactivating' || activeState === 'reloading');
}

function unitSentence({ loaded, activeState, subState, result }: NonNullable<Evidence['unit']>): string {
  if (!loaded) return 'there is no service on it';
  if (activeState === 'activating') return subState === 'auto-restart' ? `the service has ended (${result}) and is started again` : 'the service is being started';
  if (activeState === 'failed') return `the service has failed (${result})`;
  return `the service does not run (${activeState})`;
}

/** Words that only a node that lives can have caused. */
function isAliveWord(state: ObservedState): boolean {
  return state !== 'unreachable' && state !== 'stopped';
}

/** The member state that a picture shows for a condition. */
export function observedFor(condition: NodeCondition): ObservedState {
  switch (condition) {
    case 'cut-off-from-database': return 'no-database';
    case 'host-up-node-down': return 'stopped';
    case 'node-silent':
    case 'host-unreachable':
    case 'unknown': return 'unreachable';
    default: return condition;
  }
}

/** Conditions that say what a node is; the others say that nobody can tell. */
export function isFact(condition: NodeCondition): boolean {
  return condition !== 'unknown' && condition !== 'host-unreachable' && condition !== 'node-silent';
}
