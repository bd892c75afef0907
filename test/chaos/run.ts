import { startCluster, type ClusterOptions, type TestCluster } from '../harness/cluster.ts';
import { explain } from './counterexample.ts';
import { inflict, type Fault, type FaultPlan } from './faults.ts';
import type { Entry } from './history.ts';
import { Random, seedOfRun } from './random.ts';
import { checkHistory } from './registers.ts';
import { Workload, type WorkloadOptions } from './workload.ts';

export interface ChaosRun {
  readonly seed: number;
  readonly history: readonly Entry[];
  readonly faults: readonly Fault[];
}

/** One run of clients, with or without faults, on a cluster that serves. */
export async function runChaos(cluster: TestCluster, options: WorkloadOptions, plan?: FaultPlan, seed = seedOfRun()): Promise<ChaosRun> {
  const random = new Random(seed);
  const workload = new Workload(cluster, options, random.branch(1));
  workload.mayEnd = (plan?.atLeast ?? 0) === 0;
  const clients = workload.run();
  const faults = plan === undefined ? Promise.resolve([]) : inflict(cluster, workload, random.branch(2), plan).catch((error: unknown) => {
    workload.stop();
    throw error;
  });
  const [clientsEnd, faultsEnd] = await Promise.allSettled([clients, faults]);
  if (clientsEnd.status === 'rejected') throw clientsEnd.reason;
  if (faultsEnd.status === 'rejected') throw faultsEnd.reason;
  return { seed, history: workload.history.entries, faults: faultsEnd.value };
}

/** Every group of paths that no order explains, in words; empty when the history is linearizable. */
export function contradictions({ seed, history }: ChaosRun): string[] {
  return checkHistory(history).filter(({ linearizable }) => !linearizable).map((verdict) => explain(verdict, seed));
}

/** A cluster that notices failures quickly: what takes seconds in production takes tenths here. */
export function startChaosCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  return startCluster({ ...options, config: { log: { requests: false }, ...options.config } });
}
