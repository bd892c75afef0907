import type { Kysely } from 'kysely';
import type { NodeConfig } from '../config/schema.ts';
import { initialize } from '../filestore/index.ts';
import { createCluster, type ClusterIdentity } from '../metadata/cluster-creation.ts';
import { migrate, type MigrationReport } from '../metadata/migrator.ts';
import type { Database } from '../metadata/schema.ts';

/**
 * Brings the schema up to date and creates the cluster when the database holds none: cluster row, filestore marker, first
 * repositories. Any number of nodes may do this at once; running it again changes nothing.
 */
export async function prepareDatabase(db: Kysely<Database>, config: NodeConfig): Promise<MigrationReport & { cluster: ClusterIdentity; created: boolean }> {
  const report = await migrate(db);
  const { cluster, created } = await createCluster(db, config.cluster.name, (clusterId) => initialize(config.filestore.path, clusterId));
  return { ...report, cluster, created };
}
