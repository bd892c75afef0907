import { afterAll, beforeAll, expect, it } from 'vitest';
import { seedOfRun } from '../../chaos/random.ts';
import { collectWhileChanging, startCollectingCluster } from '../../endurance/collection/run.ts';
import type { TestCluster } from '../../harness/cluster.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCollectingCluster(); });
afterAll(() => cluster.stop());

// a hundred times as many: `npm run endurance -- collection`
it('loses no live blob and leaves no orphan while collections without grace follow each other', async () => {
  const seed = seedOfRun();
  const { facts, failures } = await collectWhileChanging(cluster, { operations: 1000, clients: 12, contents: 40, seed });
  expect(failures, `seed ${String(seed)}, ${JSON.stringify(facts)}`).toEqual([]);
});
