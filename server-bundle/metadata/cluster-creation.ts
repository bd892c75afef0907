import { randomUUID } from 'node:crypto';
import { sql, type Kysely } from 'kysely';
import { identityColumns, type DatabaseIdentity } from './connection/identity.ts';
import type { Database } from './schema.ts';
import { readSetting } from './settings.ts';

export interface ClusterIdentity {
  readonly id: string;
  readonly name: string;
}

/** Repositories of a new cluster. */
const firstRepositories = [
  { key: 'generic-local', package_type: 'generic', layout: 'simple-default', description: 'Files of any kind', config: {} },
  { key: 'maven-releases', package_type: 'maven', layout: 'maven-2-default', description: 'Maven releases', config: { handleReleases: true, handleSnapshots: false } },
  { key: 'maven-snapshots', package_type: 'maven', layout: 'maven-2-default', description: 'Maven snapshots', config: { handleReleases: false, handleSnapshots: true } },
] as const;

/** Setting that holds the id which a new cluster is to get. */
const intendedId = 'cluster.intendedId';

/**
 * Creates the cluster when there is none.
 *
 * The id is committed before anything else: whoever was killed between the filestore's marker and the cluster's row is
 * followed by somebody who finishes with the same id. Of several at once, one inserts the row and the others wait for it.
 *
 * @param markFilestore makes the marker for this id; running again with the same id changes nothing
 */
export async function createCluster(
  db: Kysely<Database>, name: string, markFilestore: (clusterId: string) => Promise<void>,
): Promise<{ cluster: ClusterIdentity; created: boolean }> {
  const present = await readCluster(db);
  if (present !== undefined) return { cluster: present, created: false };
  await db.insertInto('setting').values({ key: intendedId, value: JSON.stringify(randomUUID()) })
    .onConflict((conflict) => conflict.doNothing()).execute();
  const id = String(await readSetting(db, intendedId));
  const created = await db.transaction().execute(async (trx) => {
    const identity = await sql<DatabaseIdentity>`select ${sql.raw(identityColumns)}`.execute(trx);
    const { systemIdentifier = '', timeline = 0 } = identity.rows[0] ?? {};
    const inserted = await trx.insertInto('cluster').values({ id, name, system_identifier: systemIdentifier, timeline, collection_locked: null })
      .onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) return false;
    await markFilestore(id);
    await trx.insertInto('repository').values(firstRepositories.map((repository) => ({
      ...repository, config: JSON.stringify(repository.config), rclass: 'local', created_by: 'system',
    }))).onConflict((conflict) => conflict.doNothing()).execute();
    return true;
  });
  const cluster = await readCluster(db);
  return { cluster: cluster ?? { id, name }, created };
}

export async function readCluster(db: Kysely<Database>): Promise<ClusterIdentity | undefined> {
  return db.selectFrom('cluster').select(['id', 'name']).executeTakeFirst();
}
