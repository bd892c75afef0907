import type { TestCluster } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';

export interface RestlessNodes {
  /** nodes killed so far */
  readonly kills: number;
  /** Rejects when the killing itself went wrong, resolves after `stop`. To be raced with what a test waits for. */
  readonly ended: Promise<void>;
  /** Lets the last one come back; resolves when all serve again. Throws what went wrong with the killing, if anything did. */
  stop(): Promise<void>;
}

export interface Restlessness {
  /** Resolves once the clients have moved on enough for the next event. */
  readonly between: () => Promise<unknown>;
}

/** Kills one node after the other (SIGKILL) and starts it again, the master included, as long as it is not told to stop. Two of three always serve. */
export function keepKilling(cluster: TestCluster, { between }: Restlessness): RestlessNodes {
  let kills = 0;
  let told = false;
  const over = (): boolean => told;
  const killing = (async () => {
    for (let turn = 0; !over(); turn += 1) {
      const node = cluster.nodes[turn % cluster.nodes.length];
      if (node === undefined) return;
      await node.kill();
      kills += 1;
      await between();
      await node.start();
      await waitFor(`${node.nodeId} to serve again`, async () => (await node.client.get('/api/system/ping', { as: null })).status === 200);
      await between();
    }
  })();
  // told by stop()
  killing.catch(() => undefined);
  return {
    get kills() { return kills; },
    ended: killing,
    async stop() {
      told = true;
      await killing;
    },
  };
}
