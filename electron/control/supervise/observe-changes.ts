import type { Topology, TopologyNode } from '../../contract/index.ts';
import type { NewEntry } from '../journal/index.ts';

type Change = Pick<NewEntry, 'severity' | 'type' | 'nodeId' | 'message' | 'detail'>;

/** What a person would want to read about the difference between two pictures of one cluster; nothing while it is started or stopped. */
export function observeChanges(before: Topology | null, after: Topology): Change[] {
  if (before?.lifecycle !== 'running' || after.lifecycle !== 'running') return [];
  return [...nodeChanges(before, after), ...masterChanges(before, after), ...databaseChanges(before, after), ...balancerChanges(before, after)];
}

function nodeChanges(before: Topology, after: Topology): Change[] {
  return after.nodes.flatMap((node) => {
    const earlier = before.nodes.find((known) => known.nodeId === node.nodeId);
    return earlier === undefined ? [] : processChange(earlier, node) ?? conditionChange(earlier, node) ?? reachability(earlier, node);
  });
}

function processChange(before: TopologyNode, { nodeId, process, note }: TopologyNode): Change[] | null {
  const was = before.process?.state;
  const is = process?.state;
  if (was === is || was === undefined || is === undefined) return null;
  const detail = { process: is, was, ...(note === null ? {} : { note }) };
  if (is === 'stopped') return [{ severity: 'bad', type: 'node.down', nodeId, message: `The process of ${nodeId} has ended`, detail }];
  if (is === 'frozen') return [{ severity: 'warning', type: 'node.frozen', nodeId, message: `The process of ${nodeId} is frozen`, detail }];
  if (was === 'frozen') return [{ severity: 'info', type: 'node.thawed', nodeId, message: `The process of ${nodeId} runs again`, detail }];
  return [{ severity: 'info', type: 'node.up', nodeId, message: `The process of ${nodeId} was started`, detail }];
}

const conditionEntries: Partial<Record<NonNullable<TopologyNode['condition']>, Pick<Change, 'severity' | 'type'>>> = {
  'host-up-node-down': { severity: 'bad', type: 'node.down' },
  'host-unreachable': { severity: 'bad', type: 'host.unreachable' },
  'node-silent': { severity: 'bad', type: 'node.silent' },
  'cut-off-from-database': { severity: 'bad', type: 'node.cut-off' },
};

/** For nodes on hosts. What is merely not known is no news; a recovery is, also after that. */
function conditionChange(before: TopologyNode, after: TopologyNode): Change[] | null {
  const { nodeId, condition, note } = after;
  if (condition === undefined || before.condition === undefined) return null;
  if (condition === before.condition) return [];
  const detail = { condition, was: before.condition };
  const entry = conditionEntries[condition];
  if (entry !== undefined) return [{ ...entry, nodeId, message: note === null ? `${nodeId}: ${condition}` : `${nodeId}: ${note}`, detail }];
  const wasBad = conditionEntries[before.condition] !== undefined;
  return condition === 'serving' && wasBad ? [{ severity: 'info', type: 'node.reachable', nodeId, message: `${nodeId} serves again`, detail }] : [];
}

function reachability(before: TopologyNode, after: TopologyNode): Change[] {
  const { nodeId } = after;
  const detail = { observed: after.observed, was: before.observed };
  if (after.observed === 'unreachable' && before.observed !== 'unreachable') {
    return [{ severity: 'bad', type: 'node.unreachable', nodeId, message: `${nodeId} cannot be reached`, detail }];
  }
  // a node that begins to serve says so itself, through the cluster's own events
  if (after.observed === 'serving' && before.observed === 'unreachable') {
    return [{ severity: 'info', type: 'node.reachable', nodeId, message: `${nodeId} can be reached again`, detail }];
  }
  return [];
}

function masterChanges(before: Topology, after: Topology): Change[] {
  if (before.master !== null && after.master === null && after.freshness !== 'unknown') {
    const { nodeId, epoch } = before.master;
    return [{ severity: 'bad', type: 'master.lost', nodeId, message: `The cluster has no master (it was ${nodeId})`, detail: { epoch } }];
  }
  // a new master says so itself, with the time that it took
  return [];
}

function databaseChanges(before: Topology, after: Topology): Change[] {
  const was = before.databaseState;
  const is = after.databaseState;
  if (is === 'down' && was !== 'down') return [{ severity: 'bad', type: 'database.down', nodeId: null, message: 'The database is down', detail: {} }];
  if (is === 'up' && was === 'down') return [{ severity: 'info', type: 'database.up', nodeId: null, message: 'The database is up again', detail: {} }];
  return [];
}

function balancerChanges(before: Topology, after: Topology): Change[] {
  const was = before.balancer?.state;
  const is = after.balancer?.state;
  if (is === 'stopped' && was !== 'stopped') return [{ severity: 'bad', type: 'balancer.down', nodeId: null, message: 'The balancer has ended', detail: {} }];
  if (is === 'serving' && was === 'stopped') return [{ severity: 'info', type: 'balancer.up', nodeId: null, message: 'The balancer serves again', detail: {} }];
  return [];
}
