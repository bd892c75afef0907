import type { TestCluster } from '../../harness/cluster.ts';
import type { NodeClient } from '../../harness/node-client.ts';

/** A cluster as a round needs it, wherever it runs. */
export interface ChaosTarget {
  readonly nodes: readonly { readonly nodeId: string; readonly client: NodeClient }[];
  /** null: every request goes to a node */
  readonly balancer: { readonly client: NodeClient } | null;
  /** path by which this machine sees the filestore */
  readonly filestore: string;
  /** One statement as superuser, at the database where it is now. */
  query(statement: string): Promise<Record<string, unknown>[]>;
  /** Resolves when all nodes serve; rejects when they do not without anybody's help. */
  untilServing(): Promise<void>;
  /** connections that may be granted in total */
  budget(): Promise<number>;
}

/** What a node may take to be well again when nothing is broken any more. */
const recoveryMs = 90_000;

/** A cluster of processes on this machine. */
export function targetOf(cluster: TestCluster): ChaosTarget {
  return {
    nodes: cluster.nodes, balancer: cluster.balancer, filestore: cluster.filestore,
    query: (statement) => cluster.postgres.query(statement, cluster.database),
    untilServing: () => cluster.untilServing(undefined, { timeoutMs: recoveryMs }),
    budget: async () => (await cluster.until('a view of the cluster', () => true, { timeoutMs: recoveryMs })).database.budget,
  };
}
