import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { DemoNodeAction } from '../../contract/index.ts';
import type { DemoContext } from './demo-context.ts';
import { readLayout } from './layout.ts';
import { removeNode } from './membership.ts';
import { sendSignal, waitForEnd, type ProcessCondition, type SeenProcess } from './process/index.ts';
import { endProcess } from './stop-parts.ts';

/** From which conditions of its process an action makes sense. */
const allowedFrom: Record<DemoNodeAction, readonly ProcessCondition[]> = {
  kill: ['running', 'frozen'],
  freeze: ['running'],
  thaw: ['frozen'],
  restart: ['running', 'frozen'],
  start: ['stopped'],
  stop: ['running', 'frozen'],
  remove: ['running', 'frozen', 'stopped'],
};

/** Longest drain before a node is ended by force. */
const drainPatienceMs = 25_000;

/** Does one thing to one node's process; the caller holds the lock. Throws NODE_NOT_FOUND, DEMO_NODE_STATE, PLATFORM_UNSUPPORTED. */
export async function actOnNode(context: DemoContext, nodeId: string, action: DemoNodeAction, signal: AbortSignal): Promise<void> {
  const node = (await readLayout(context.folder))?.nodes.find((known) => known.nodeId === nodeId);
  if (node === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The demo has no node "${nodeId}"`, { details: { nodeId } });
  const seen = await context.parts.registry.find(nodeId);
  const state = seen?.condition ?? 'stopped';
  if (!allowedFrom[action].includes(state)) {
    throw new BulkheadError('DEMO_NODE_STATE', `${nodeId} is ${state}: it cannot be asked to ${action}`, { details: { nodeId, action, state, allowedFrom: allowedFrom[action] } });
  }
  switch (action) {
    case 'kill':
      await kill(seen);
      return;
    case 'freeze': return signalOrRefuse(seen, 'SIGSTOP');
    case 'thaw': return signalOrRefuse(seen, 'SIGCONT');
    case 'stop': return stop(context, seen);
    case 'start': return start(context, node, signal);
    case 'restart':
      await stop(context, seen);
      return start(context, node, signal);
    case 'remove': return removeNode(context, nodeId, signal);
  }
}

/** Resolves to the monotonic time (milliseconds) at which the signal was sent. Throws DEMO_NODE_STATE. */
export async function killNow({ parts }: DemoContext, nodeId: string): Promise<number> {
  const seen = await parts.registry.find(nodeId);
  if (seen === null || seen.condition === 'stopped') throw new BulkheadError('DEMO_NODE_STATE', `${nodeId} does not run`, { details: { nodeId } });
  return kill(seen);
}

async function kill(seen: SeenProcess | null): Promise<number> {
  const at = performance.now();
  if (seen === null) return at;
  await sendSignal(seen, 'SIGKILL');
  await waitForEnd(seen, 5000);
  return at;
}

async function signalOrRefuse(seen: SeenProcess | null, signal: 'SIGSTOP' | 'SIGCONT'): Promise<void> {
  if (process.platform === 'win32') {
    throw new BulkheadError('PLATFORM_UNSUPPORTED', 'Windows cannot freeze a process', { details: { signal, platform: process.platform } });
  }
  if (seen !== null) await sendSignal(seen, signal);
}

async function stop({ parts }: DemoContext, seen: SeenProcess | null): Promise<void> {
  if (seen === null) return;
  await endProcess(seen, drainPatienceMs);
  await parts.registry.forget(seen.name);
}

async function start({ parts }: DemoContext, node: { nodeId: string; port: number }, signal: AbortSignal): Promise<void> {
  const identity = await parts.launchNode(node.nodeId);
  await parts.untilNodeServes(node, identity, signal);
}
