import type { TestCluster, TestNode } from '../harness/cluster.ts';
import { pause, waitFor } from '../harness/wait-for.ts';
import type { Random } from './random.ts';
import type { Workload } from './workload.ts';

export interface Fault {
  readonly kind: 'kill' | 'freeze';
  readonly nodeId: string;
  /** operations answered when it began and when it was over */
  readonly from: number;
  readonly to: number;
}

export interface FaultPlan {
  readonly kinds: readonly [Fault['kind'], ...Fault['kind'][]];
  /** operations between the end of one fault and the next */
  readonly every: number;
  /** longest freeze, milliseconds */
  readonly freezeMs: number;
  /** clients go on until so many are over, however few operations lie between them */
  readonly atLeast?: number;
}

/** Resolves to false when the clients were done first. */
async function answered(workload: Workload, count: number): Promise<boolean> {
  const target = workload.done + count;
  await waitFor(`${String(count)} more operations`, () => workload.isOver || workload.done >= target, { everyMs: 5 });
  return !workload.isOver;
}

async function strike(cluster: TestCluster, node: TestNode, kind: Fault['kind'], workload: Workload, random: Random, plan: FaultPlan): Promise<void> {
  if (kind === 'kill') {
    await node.kill();
    await answered(workload, 200);
    await node.start();
  } else {
    node.freeze();
    try {
      await pause(100 + random.below(plan.freezeMs));
    } finally {
      node.thaw();
    }
  }
  await cluster.untilServing();
}

/** Kills and freezes one node after the other, as the seed has it, until the clients are done. */
export async function inflict(cluster: TestCluster, workload: Workload, random: Random, plan: FaultPlan): Promise<Fault[]> {
  const faults: Fault[] = [];
  while (await answered(workload, plan.every)) {
    const kind = random.pick(plan.kinds);
    const node = random.pick(cluster.nodes);
    if (node === undefined) break;
    const from = workload.done;
    await strike(cluster, node, kind, workload, random, plan);
    faults.push({ kind, nodeId: node.nodeId, from, to: workload.done });
    if (faults.length >= (plan.atLeast ?? 0)) workload.mayEnd = true;
  }
  return faults;
}
