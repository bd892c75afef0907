import { afterAll, beforeAll, expect, it } from 'vitest';
import { deployAtOnce } from '../../endurance/publishes/maven.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';

// a thousand of them, and as many of npm: `npm run endurance -- publishes`
const versions = 60;

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster({ nodes: 3, balancer: false }); });
afterAll(() => cluster.stop());

it('lists exactly the acknowledged of many versions that Maven deploys at once over three nodes', async () => {
  expect((await deployAtOnce(cluster, versions)).failures).toEqual([]);
});
