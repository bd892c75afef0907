import { Agent } from 'undici';
import type { Dispatcher } from 'undici';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { DrillReport } from '../../contract/index.ts';
import { askAnyNode, type ClusterAccess } from '../node-api/index.ts';
import { untilNewMaster } from './new-master.ts';
import { Probes } from './probes.ts';

/** What a drill does to the machine; only a demo has it. */
export interface DrillHands {
  readonly balancerUrl: string;
  /** SIGKILL to the node; resolves to the monotonic time (milliseconds) at which it was sent */
  kill(nodeId: string): Promise<number>;
  /** Starts the node again and resolves when it serves. */
  restore(nodeId: string): Promise<void>;
}

/** Longest wait for the next master, milliseconds. */
const patienceMs = 30_000;
/** Probes run this long before the kill and after the new master, milliseconds. */
const calmMs = 400;

/** Kills the master under load and measures, by one monotonic clock, how long the cluster had none. */
export async function drill(access: ClusterAccess, agent: Dispatcher, hands: DrillHands, signal: AbortSignal): Promise<DrillReport> {
  const { master, nodes } = await askAnyNode(access, agent, (node) => node.view(signal));
  if (master === null) throw new BulkheadError('NO_MASTER');
  const heirs = nodes.filter((node) => node.observed === 'serving' && node.nodeId !== master.nodeId);
  if (heirs.length === 0) {
    throw new BulkheadError('HANDOVER_FAILED', 'No other node is serving: the cluster would stand still', { details: { master: master.nodeId } });
  }
  const credentials = await access.credentials();
  if (credentials === null) throw new BulkheadError('CREDENTIALS_INVALID');
  // the probes have connections of their own: waiting ones must not hold up the questions
  const probeAgent = new Agent({ connections: 256, connect: { timeout: 2000 } });
  const probes = new Probes(hands.balancerUrl, credentials, probeAgent);
  let restoring: Promise<number> | undefined;
  try {
    await pause(calmMs, signal);
    const killedAt = await hands.kill(master.nodeId);
    const next = await untilNewMaster(access, agent, master.epoch, patienceMs, signal);
    restoring = hands.restore(master.nodeId).then(() => performance.now() - killedAt);
    // whoever leaves early is told of the first failure; this one must not become an unhandled one
    restoring.catch(() => undefined);
    if (next === null) throw signal.aborted ? new BulkheadError('CANCELLED') : new BulkheadError('NO_MASTER', `No new master within ${patienceMs / 1000} s`);
    const restoredAfterMs = await restoring;
    await pause(calmMs, signal);
    return {
      killedNodeId: master.nodeId,
      epochBefore: master.epoch,
      newMaster: next.nodeId,
      epochAfter: next.epoch,
      masterAfterMs: Math.round(next.seenAt - killedAt),
      probes: await probes.stop(),
      restoredAfterMs: Math.round(restoredAfterMs),
    };
  } finally {
    await restoring?.catch(() => undefined);
    await probes.stop();
    await probeAgent.destroy();
  }
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) throw new BulkheadError('CANCELLED');
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
}
