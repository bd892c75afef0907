import type { AlertSeverity } from '../../../server-bundle/contract/index.ts';
import type { Topology, TopologyNode } from '../../contract/index.ts';

/** Something that this app sees and that the cluster cannot know, or cannot tell at this moment. */
export interface OwnCondition {
  readonly rule: 'cluster-unreachable' | 'database-unreachable' | 'no-master' | 'node-down' | 'host-unreachable';
  readonly title: string;
  readonly severity: AlertSeverity;
  readonly subject: string;
  readonly nodeId: string | null;
  readonly hostId: string | null;
  readonly message: string;
  readonly value: string;
  readonly threshold: string;
}

/** Rules that no cluster has: what they are about only this app can see. */
const ownRules: ReadonlySet<string> = new Set<OwnCondition['rule']>(['cluster-unreachable', 'database-unreachable', 'host-unreachable']);

export function isOwnRule(rule: string): boolean {
  return ownRules.has(rule);
}

/**
 * What is wrong with a cluster as seen from here, by its present picture. While the cluster answers, its own master says what is wrong with
 * its nodes; here is only what nobody else can say. A pure function.
 */
export function ownConditions(picture: Topology): OwnCondition[] {
  if (picture.lifecycle !== 'running' || picture.nodes.length === 0) return [];
  const isHeard = picture.freshness === 'live' && picture.database !== null;
  return [
    ...(isHeard ? withoutMaster(picture) : silence(picture)),
    ...picture.nodes.flatMap((node) => [...(isHeard ? [] : downNode(node)), ...unreachableHost(node)]),
  ];
}

/**
 * Whether the picture shows that such an alert is over, and does not only leave it open: right after the start of the app nothing is known yet.
 * @param key rule and subject
 */
export function showsTheEnd(picture: Topology, key: string): boolean {
  const { lifecycle, freshness, database, master, nodes } = picture;
  if (lifecycle !== 'running' || nodes.length === 0 || ownConditions(picture).some((condition) => keyOf(condition) === key)) return false;
  const [rule = '', ...subject] = key.split('/');
  if (rule === 'host-unreachable') {
    const host = nodes.find((node) => node.host?.name === subject.join('/'))?.host;
    return host === undefined ? nodes.every((node) => node.host !== undefined) : host.reachability === 'reachable';
  }
  return freshness === 'live' && database !== null && (rule !== 'no-master' || master !== null);
}

/** By what an alert of one cluster is told from another. */
export function keyOf({ rule, subject }: Pick<OwnCondition, 'rule' | 'subject'>): string {
  return `${rule}/${subject}`;
}

const wholeCluster = { subject: 'cluster', nodeId: null, hostId: null } as const;

function* silence({ freshness, databaseState, nodes, name }: Topology): Generator<OwnCondition> {
  const cutOff = nodes.filter(isCutOff).length;
  if (databaseState === 'down' || cutOff > 0) {
    yield {
      ...wholeCluster, rule: 'database-unreachable', title: 'Database unreachable', severity: 'bad', threshold: 'reachable',
      value: cutOff === 0 ? 'unreachable' : `${String(cutOff)} of ${String(nodes.length)} nodes are cut off`,
      message: `The nodes of ${name} do not reach their database: nothing can be deployed`,
    };
    return;
  }
  // one that is only slow is stale, not silent
  if (freshness !== 'unknown') return;
  yield {
    ...wholeCluster, rule: 'cluster-unreachable', title: 'No node answers', severity: 'bad', value: `0 of ${String(nodes.length)} nodes answer`, threshold: 'at least 1',
    message: `No node of ${name} answers this app: the cluster is down, or this machine is cut off from it`,
  };
}

function isCutOff({ condition, observed }: TopologyNode): boolean {
  return (condition ?? observed) === 'cut-off-from-database' || observed === 'no-database';
}

function* withoutMaster({ masterlessMs, master, name }: Topology): Generator<OwnCondition> {
  if (master !== null || masterlessMs === null) return;
  yield {
    ...wholeCluster, rule: 'no-master', title: 'No master', severity: 'bad', value: `for ${String(Math.round(masterlessMs / 1000))} s`, threshold: 'a master',
    message: `${name} has no master: it serves, but nobody watches over it and nothing is collected`,
  };
}

/** Only while the cluster itself says nothing. */
function* downNode({ nodeId, condition, process, host }: TopologyNode): Generator<OwnCondition> {
  const isDown = condition === 'host-up-node-down' || condition === 'node-silent' || process?.state === 'stopped';
  if (!isDown) return;
  yield {
    rule: 'node-down', title: 'Node down', severity: 'bad', subject: nodeId, nodeId, hostId: host?.hostId ?? null, threshold: 'running',
    value: condition === 'node-silent' ? 'silent' : 'not running',
    message: `${nodeId}: ${condition === 'node-silent' ? 'the service runs, but does not answer' : 'the service does not run'}`,
  };
}

function* unreachableHost({ nodeId, host, observed }: TopologyNode): Generator<OwnCondition> {
  if (host === undefined || (host.reachability !== 'unreachable' && host.reachability !== 'refused')) return;
  const serves = observed === 'serving';
  yield {
    rule: 'host-unreachable', title: host.reachability === 'refused' ? 'Host refuses the login' : 'Host unreachable',
    // a node that the others hear is no outage: only this app cannot get at its host
    severity: serves ? 'warning' : 'bad', subject: host.name, nodeId, hostId: host.hostId, value: host.reachability, threshold: 'reachable',
    message: `${host.name} ${host.reachability === 'refused' ? 'does not let this app in' : 'cannot be reached over SSH'}${serves ? `; its node ${nodeId} serves all the same` : ''}`,
  };
}
