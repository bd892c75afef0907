import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { askAnyNode, type ClusterAccess } from '../node-api/index.ts';
import { untilNewMaster, type Mastership } from './new-master.ts';

/** Longest wait for the new master, milliseconds. */
const patienceMs = 10_000;

/** Hands the mastership over, to a named node or any other, and resolves when a node reports the new master. */
export async function handOver(access: ClusterAccess, agent: Dispatcher, to: string | undefined, signal: AbortSignal): Promise<Mastership> {
  const { master } = await askAnyNode(access, agent, (node) => node.view(signal));
  if (master === null) throw new BulkheadError('NO_MASTER');
  if (master.nodeId === to) throw new BulkheadError('HANDOVER_FAILED', `${to} is the master already`, { details: { nodeId: to, epoch: master.epoch } });
  await askAnyNode(access, agent, (node) => node.handOver(to, signal));
  const next = await untilNewMaster(access, agent, master.epoch, patienceMs, signal);
  if (next === null) throw new BulkheadError('HANDOVER_FAILED', 'No other node has taken the mastership', { details: { epoch: master.epoch, waitedMs: patienceMs } });
  return { nodeId: next.nodeId, epoch: next.epoch };
}
