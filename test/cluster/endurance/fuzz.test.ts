import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedOfRun } from '../../chaos/random.ts';
import { fuzz } from '../../endurance/fuzz/run.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster({ nodes: 1, balancer: false }); });
afterAll(() => cluster.stop());

// for minutes: `npm run endurance -- fuzz`
it('answers damaged requests of every kind without a crash, and with nothing that it does not declare', async () => {
  const seed = seedOfRun();
  const { facts, failures } = await fuzz(cluster, { seed, from: 0, count: 3000, seconds: 15, connections: 8 });
  expect(failures, `npm run endurance -- fuzz --seed ${String(seed)}: ${JSON.stringify(facts)}`).toEqual([]);
});
