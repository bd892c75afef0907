import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedOfRun } from '../../chaos/random.ts';
import { fuzz } from '../../endurance/fuzz/run.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster({ nodes: 1, balancer: false }); });
afterAll(() => cluster.stop());

// for minutes: `npm run endurance -- fuzz`
it('answers damaged requests of every kind without a crash, and with nothing that it does not declare', async () => {
  // the same requests each time: what is new is looked for by the long run
  const seed = process.env['BULKHEAD_CHAOS_SEED'] === undefined ? 5 : seedOfRun();
  const { facts, failures } = await fuzz(cluster, { seed, from: 0, count: 3000, seconds: 15, connections: 8 });
  expect(failures, `npm run endurance -- fuzz --seed ${String(seed)}: ${JSON.stringify(facts)}`).toEqual([]);
});
