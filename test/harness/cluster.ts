import type { ClusterOptions, TestCluster } from './cluster-types.ts';

export type { ClusterOptions, ConfigOverrides, TestBalancer, TestCluster, TestNode } from './cluster-types.ts';

/** Starts PostgreSQL, nodes and balancer of the built bundle in a temporary folder; builds the bundle when it is stale. */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  await Promise.resolve(options);
  throw new Error('waits for "bulkhead-node serve"');
}
