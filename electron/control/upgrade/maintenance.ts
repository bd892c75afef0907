import { BulkheadError, type ClusterNode, type DrainNote } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, Maintenance } from '../../contract/index.ts';
import type { ClusterDoor } from './door.ts';

/** Longest maintenance, seconds: as long as the cluster keeps a drain. */
const longestSeconds = 30 * 86_400;

export interface MaintenanceAsk {
  readonly nodeId: string;
  /** milliseconds since 1970 */
  readonly until: number;
  readonly note: string;
  readonly by: string;
}

/**
 * Drains the node until then. A master hands over first: that is how a drain begins. The cluster ends it by itself.
 * @throws CAPACITY_TOO_SMALL when nobody else serves, ARGUMENT_INVALID
 */
export async function startMaintenance(door: ClusterDoor, cluster: LanCluster, { nodeId, until, note, by }: MaintenanceAsk, signal: AbortSignal): Promise<{ node: ClusterNode; seconds: number }> {
  const { view } = await door.status(signal);
  const node = view.nodes.find((each) => each.nodeId === nodeId);
  if (node === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The cluster has no node "${nodeId}"`);
  // by the clock of the database, which ends it
  const seconds = Math.ceil((until - Date.parse(view.asOf)) / 1000);
  if (seconds < 1 || seconds > longestSeconds) throw new BulkheadError('ARGUMENT_INVALID', 'Maintenance ends in the future, within 30 days', { details: { seconds } });
  if (!view.nodes.some((each) => each.nodeId !== nodeId && each.observed === 'serving' && each.desired === 'serving')) {
    throw new BulkheadError('CAPACITY_TOO_SMALL', `No other node serves: without ${nodeId} there would be none`);
  }
  const { drainNoticeMs, drainDeadlineMs } = cluster.settings;
  const deadlineSeconds = Math.ceil((drainNoticeMs + drainDeadlineMs) / 1000);
  await door.drain(nodeId, { deadlineSeconds, untilSeconds: seconds, waitSeconds: deadlineSeconds + 15, kind: 'maintenance', by, note }, signal);
  const after = (await door.status(signal)).view.nodes.find((each) => each.nodeId === nodeId);
  return { node: after ?? node, seconds };
}

/** Null for a node that is not in maintenance. */
export function maintenanceOf({ clusterId, nodes }: Pick<LanCluster, 'clusterId' | 'nodes'>, node: ClusterNode, hostName: (hostId: string) => string): Omit<Maintenance, 'mutedUntil' | 'mutedNote'> | null {
  const { nodeId, observed, desired } = node;
  const note: DrainNote | null = node.drainNote ?? null;
  if (note?.kind !== 'maintenance' || desired === 'serving' || node.drainUntil === undefined || node.drainUntil === null) return null;
  const hostId = nodes.find((each) => each.nodeId === nodeId)?.hostId ?? null;
  return {
    clusterId, nodeId, hostId, host: hostId === null ? nodeId : hostName(hostId), until: Date.parse(node.drainUntil), note: note.note, by: note.by,
    since: note.since === undefined ? Date.parse(node.drainUntil) : Date.parse(note.since), observed,
  };
}
