import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestCluster } from '../harness/cluster.ts';
import { contradictions, runChaos, startChaosCluster } from './run.ts';
import { mixed } from './workload.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startChaosCluster();
});
afterAll(() => cluster.stop());

test('10,000 operations on 20 paths over three nodes and the balancer are linearizable while nodes are killed and frozen', async () => {
  const run = await runChaos(cluster, mixed, { kinds: ['kill', 'freeze'], every: 600, freezeMs: 2500, atLeast: 4 });
  const count = (kind: string): number => run.faults.filter((fault) => fault.kind === kind).length;
  const unknown = run.history.filter(({ end }) => end === null).length;
  console.log(`seed ${String(run.seed)}: ${String(run.history.length)} operations, ${String(unknown)} of unknown outcome, ${String(count('kill'))} kills, ${String(count('freeze'))} freezes`);
  const started = performance.now();
  expect(contradictions(run)).toEqual([]);
  console.log(`checked in ${String(Math.round(performance.now() - started))} ms`);
  expect(run.history.length).toBeGreaterThanOrEqual(10_000);
  expect(new Set(run.history.map(({ via }) => via))).toEqual(new Set(['n1', 'n2', 'n3', 'balancer']));
  expect(run.faults.length).toBeGreaterThanOrEqual(4);
});
