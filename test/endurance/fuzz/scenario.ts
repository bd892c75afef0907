import { startCluster } from '../../harness/cluster.ts';
import type { Scenario } from '../outcome.ts';
import { fuzz } from './run.ts';

export const fuzzing: Scenario = {
  name: 'fuzz',
  summary: 'random and damaged requests of every kind to one node over HTTP, and damaged answers of its upstreams',
  options: {
    minutes: { default: 5, help: 'how long' },
    from: { default: 0, help: 'number of the first request; a finding names its own' },
    count: { default: 1_000_000_000, help: 'requests at most: with --from and --seed, one finding again' },
    connections: { default: 8, help: 'at the same time' },
  },
  run: async ({ minutes = 0, from = 0, count = 0, connections = 1 }, seed, say) => {
    await using cluster = await startCluster({ nodes: 1, balancer: false });
    return await fuzz(cluster, { seed, from, count, seconds: minutes * 60, connections }, say);
  },
};
