import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { addCollectionCandidates } from './blobs.ts';

/** A moment of the database's clock, as it writes it: a JavaScript date would lose its microseconds. */
export type DatabaseMoment = string;

export interface BlobSize {
  readonly id: number;
  /** bytes */
  readonly size: number;
}

export interface DoomedBlob extends BlobSize {
  readonly sha256: string;
  readonly generation: string;
}

/** Now, minus some seconds. */
export async function momentAgo(db: Reader, seconds: number): Promise<DatabaseMoment> {
  const found = await sql<{ moment: string }>`select (clock_timestamp() - make_interval(secs => ${seconds}))::text as moment`.execute(db);
  return only(found.rows).moment;
}

/** Why nothing may be collected or swept; null when it may. */
export async function collectionLock(db: Reader): Promise<string | null> {
  const row = await db.selectFrom('cluster').select('collection_locked').executeTakeFirst();
  // a database without its cluster is not one to delete files for
  return row === undefined ? 'the database holds no cluster' : row.collection_locked;
}

/** Where a page of a list that goes by time ends, and the next one begins. */
export interface Dated {
  readonly at: DatabaseMoment;
}

/** Before everything that has a time. */
export const beginningOfTime: DatabaseMoment = '-infinity';

export interface Candidate extends Dated {
  /** of the blob */
  readonly id: number;
}

/**
 * Blobs that lost a reference after `after` and not after `until`, the longest ago first: `limit` of them, and those of the same moment as the last.
 * It goes by nothing but the order of one index, so that no guess of the planner's about how many there are makes it read all of them for each page.
 */
export async function candidatesBefore(db: Reader, until: DatabaseMoment, after: DatabaseMoment, limit: number): Promise<Candidate[]> {
  const found = await sql<Candidate>`
    select blob_id as id, since::text as at from collection_candidate
    where since > ${after}::timestamptz and since <= ${until}::timestamptz order by since fetch first ${limit} rows with ties`.execute(db);
  return found.rows;
}

export interface Verdict {
  readonly referenced: number;
  readonly tombstoned: BlobSize[];
}

/**
 * Decides over candidates, inside the caller's fenced READ COMMITTED transaction. The statements and their order are what makes it safe:
 *
 * 1. Lock the blob rows, in the order of their digests. Whoever adds a reference holds such a row FOR SHARE and requires that there is
 *    no tombstone: it is either done, or will see ours.
 * 2. Lock the candidates. A delete under way renews `since` of its candidate while it holds that row: it is either done, and then the
 *    candidate is not ours any more, or its renewal will find no row and add it anew. So removing a candidate loses no blob.
 * 3. Only now look for references: the snapshot of this statement is younger than both locks.
 */
export async function judgeCandidates(trx: Reader, ids: readonly number[], until: DatabaseMoment): Promise<Verdict> {
  const list = [...ids];
  const locked = await sql<{ id: number; size: number; isolation: string }>`
    select id, size, current_setting('transaction_isolation') as isolation from blob
    where id = any(${list}::bigint[]) and tombstoned_at is null order by sha256 for update`.execute(trx);
  if (locked.rows.some((row) => row.isolation !== 'read committed')) throw new BulkheadError('INTERNAL', 'Collection needs READ COMMITTED');
  // what is due is told beside them: as a condition it would invite a walk over the index of all times
  const candidates = await sql<{ id: number; due: boolean }>`
    select blob_id as id, since <= ${until}::timestamptz as due from collection_candidate
    where blob_id = any(${locked.rows.map((row) => row.id)}::bigint[]) order by blob_id for update`.execute(trx);
  const dueIds = new Set(candidates.rows.filter(({ due }) => due).map(({ id }) => id));
  const used = await referencedAmong(trx, dueIds);
  const unused = locked.rows.filter((blob) => dueIds.has(blob.id) && !used.has(blob.id)).map(({ id, size }) => ({ id, size }));
  await sql`update blob set tombstoned_at = clock_timestamp() where id = any(${unused.map((blob) => blob.id)}::bigint[])`.execute(trx);
  await sql`delete from collection_candidate where blob_id = any(${[...dueIds]}::bigint[])`.execute(trx);
  return { referenced: used.size, tombstoned: unused };
}

/** Which of these blobs something refers to. A new kind of reference is added here. */
async function referencedAmong(db: Reader, ids: Iterable<number>): Promise<Set<number>> {
  const found = await sql<{ id: number }>`select distinct blob_id as id from artifact where blob_id = any(${[...ids]}::bigint[])`.execute(db);
  return new Set(found.rows.map((row) => row.id));
}

export interface TombstonedBlob extends BlobSize, Dated {}

/** Blobs with a tombstone younger than `after` and not younger than `until`, the oldest first; pages are as those of {@link candidatesBefore}. */
export async function tombstonedBefore(db: Reader, until: DatabaseMoment, after: DatabaseMoment, limit: number): Promise<TombstonedBlob[]> {
  const found = await sql<TombstonedBlob>`
    select id, size, tombstoned_at::text as at from blob
    where tombstoned_at > ${after}::timestamptz and tombstoned_at <= ${until}::timestamptz order by tombstoned_at fetch first ${limit} rows with ties`.execute(db);
  return found.rows;
}

/**
 * Locks blobs whose bytes are about to be deleted. A tombstone is final for its generation, so nothing can refer to them; one that
 * something does refer to means that a rule was broken somewhere, and stops the run.
 *
 * The tombstone is looked at in what is locked and is no condition of the statement: right after a million tombstones were set, PostgreSQL still takes
 * them for rare, and would look for a few ids by reading the index of all of them.
 */
export async function lockDoomed(trx: Reader, ids: readonly number[], until: DatabaseMoment): Promise<DoomedBlob[]> {
  const found = await sql<DoomedBlob & { doomed: boolean | null }>`
    select id, size, sha256, generation, tombstoned_at <= ${until}::timestamptz as doomed from blob
    where id = any(${[...ids]}::bigint[]) order by sha256 for update`.execute(trx);
  const blobs = found.rows.filter(({ doomed }) => doomed === true).map(({ id, size, sha256, generation }) => ({ id, size, sha256, generation }));
  const used = await referencedAmong(trx, blobs.map((blob) => blob.id));
  if (used.size > 0) {
    throw new BulkheadError('INTERNAL', 'A blob with a tombstone is referenced: nothing more is collected', { details: { blobIds: [...used] } });
  }
  return blobs;
}

/** Deletes rows whose bytes are gone. */
export async function deleteBlobRows(trx: Reader, ids: readonly number[]): Promise<void> {
  await sql`delete from blob where id = any(${[...ids]}::bigint[])`.execute(trx);
}

/** Of some candidates, those that nothing refers to at this moment. For a dry run: nothing is locked and nothing promised. */
export async function unreferencedCandidates(db: Reader, ids: readonly number[]): Promise<BlobSize[]> {
  const found = await sql<BlobSize>`
    select id, size from blob where id = any(${[...ids]}::bigint[]) and tombstoned_at is null
      and not exists (select from artifact where artifact.blob_id = blob.id)`.execute(db);
  return found.rows;
}

/** Whether a file of this name belongs to a blob, with a tombstone or without. */
export async function hasBlobRow(db: Reader, sha256: string, generation: string): Promise<boolean> {
  const row = await db.selectFrom('blob').select('id').where('sha256', '=', sha256).where('generation', '=', generation).executeTakeFirst();
  return row !== undefined;
}

/** Ids under which artifacts are left although their repository is gone. Hops over the index instead of reading it. */
export async function orphanedRepositories(db: Reader): Promise<number[]> {
  const found = await sql<{ id: number }>`
    with recursive seen as (
      select min(repository_id) as id from artifact
      union all
      select (select min(repository_id) from artifact where repository_id > seen.id) from seen where seen.id is not null
    )
    select id from seen where id is not null and not exists (select from repository where repository.id = seen.id)`.execute(db);
  return found.rows.map((row) => row.id);
}

/** Deletes some artifacts of a repository that is gone; their blobs become candidates. Returns how many. */
export async function deleteOrphans(trx: Reader, repositoryId: number, limit: number): Promise<number> {
  const found = await sql<{ blobId: number | null }>`
    delete from artifact where repository_id = ${repositoryId}
      and not exists (select from repository where id = ${repositoryId})
      and path in (select path from artifact where repository_id = ${repositoryId} order by path limit ${limit} for update)
    returning blob_id as "blobId"`.execute(trx);
  await addCollectionCandidates(trx, found.rows.flatMap((row) => (row.blobId === null ? [] : [row.blobId])));
  return found.rows.length;
}

/** Forgets answers that no balancer will ask for again; returns how many. */
export async function expireRequestResults(trx: Reader, hours: number, limit: number): Promise<number> {
  const result = await sql`
    delete from request_result where id in (
      select id from request_result where created_at < clock_timestamp() - make_interval(secs => ${hours * 3600}) order by created_at limit ${limit})`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}

function only<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined) throw new BulkheadError('INTERNAL', 'a query that always has a row had none');
  return row;
}
