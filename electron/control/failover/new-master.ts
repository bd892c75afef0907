import type { Dispatcher } from 'undici';
import { NodeApi, type ClusterAccess } from '../node-api/index.ts';

export interface Mastership {
  readonly nodeId: string;
  readonly epoch: number;
}

const askEveryMs = 20;

/**
 * Asks every node, each on its own, until one names a master of a later epoch.
 * Resolves to it and the monotonic time (milliseconds) of that answer; null when none does in time.
 */
export async function untilNewMaster(
  access: ClusterAccess, agent: Dispatcher, epochBefore: number, patienceMs: number, signal: AbortSignal,
): Promise<(Mastership & { readonly seenAt: number }) | null> {
  const credentials = await access.credentials();
  const nodes = (await access.nodes()).map((address) => new NodeApi(address, credentials, agent));
  const found = new AbortController();
  const stop = AbortSignal.any([signal, found.signal, AbortSignal.timeout(patienceMs)]);
  const answers = await Promise.all(nodes.map(async (node) => {
    while (!stop.aborted) {
      const master = await node.view(stop).then((view) => view.master, () => null);
      const seenAt = performance.now();
      if (master !== null && master.epoch > epochBefore) {
        found.abort();
        return { nodeId: master.nodeId, epoch: master.epoch, seenAt };
      }
      await new Promise((resolve) => setTimeout(resolve, askEveryMs));
    }
    return null;
  }));
  return answers.filter((answer) => answer !== null).sort((a, b) => a.seenAt - b.seenAt)[0] ?? null;
}
