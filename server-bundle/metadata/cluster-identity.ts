import { sql, type Kysely } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { beginLine } from './collection-claim.ts';
import { identityColumns, type DatabaseIdentity } from './connection/identity.ts';
import { appendEvent } from './events.ts';
import type { Database } from './schema.ts';

export interface ClusterIdentity {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
  /** where the cluster last trusted its database */
  readonly trusted: DatabaseIdentity;
  /** what the connection reached now */
  readonly found: DatabaseIdentity;
  readonly collectionLocked: string | null;
}

/** The cluster's row, next to the identity of the database it was read from; null before the cluster was created. */
export async function clusterIdentity(db: Reader): Promise<ClusterIdentity | null> {
  const found = await sql<{
    id: string; name: string; created_at: Date; system_identifier: string; trusted_timeline: number; collection_locked: string | null;
  } & DatabaseIdentity>`
    select id, name, created_at, system_identifier, timeline as trusted_timeline, collection_locked, ${sql.raw(identityColumns)}
    from cluster`.execute(db);
  const row = found.rows[0];
  if (row === undefined) return null;
  return {
    id: row.id, name: row.name, createdAt: row.created_at,
    trusted: { systemIdentifier: row.system_identifier, timeline: row.trusted_timeline },
    found: { systemIdentifier: row.systemIdentifier, timeline: row.timeline },
    collectionLocked: row.collection_locked,
  };
}

/** The database is trusted as it is now, but nothing is deleted before a person has confirmed. The first reason stays. */
export async function lockCollection(db: Reader, reason: string, found: DatabaseIdentity): Promise<void> {
  const changed = await sql<{ id: string }>`
    update cluster set collection_locked = coalesce(collection_locked, ${reason}),
      system_identifier = ${found.systemIdentifier}, timeline = ${found.timeline}
    where collection_locked is null or system_identifier <> ${found.systemIdentifier} or timeline <> ${found.timeline}
    returning id`.execute(db);
  if (changed.rows.length === 0) return;
  await appendEvent(db, { type: 'database.changed', message: 'The database is not where it was', detail: { ...found, reason } });
  await tellLocked(db, reason);
}

/** Nothing is deleted before a person has confirmed, though the database is where it was. The first reason stays. */
export async function lockCollectionBecause(db: Reader, reason: string): Promise<void> {
  const locked = await sql<{ id: string }>`update cluster set collection_locked = ${reason} where collection_locked is null returning id`.execute(db);
  if (locked.rows.length > 0) await tellLocked(db, reason);
}

function tellLocked(db: Reader, reason: string): Promise<void> {
  return appendEvent(db, { type: 'collection.locked', message: 'Collection and sweeping are locked until somebody confirms', detail: { reason } });
}

/**
 * A person has confirmed. Returns what the reason was; null when it was not locked.
 *
 * @param claimant line of whoever collects the filestore now, which this database may replace from here on; null: nobody does
 */
export async function unlockCollection(db: Kysely<Database>, by: string, claimant: string | null): Promise<string | null> {
  return db.transaction().execute((trx) => unlock(trx, by, claimant));
}

async function unlock(db: Reader, by: string, claimant: string | null): Promise<string | null> {
  const found = await sql<{ reason: string | null }>`
    update cluster set collection_locked = null from (select collection_locked as reason from cluster for update) before
    where collection_locked is not null returning before.reason`.execute(db);
  const reason = found.rows[0]?.reason ?? null;
  if (reason !== null) {
    await beginLine(db, claimant);
    await appendEvent(db, { type: 'collection.unlocked', message: `${by} unlocked collection`, detail: { by, reason } });
  }
  return reason;
}
