import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import type { BlobName, Digests } from '../filestore/ports.ts';
import { Gathered } from './gathered.ts';

/** A blob with its file's name; never a tombstoned one unless said so. */
export interface StoredBlob extends BlobName, Digests {
  readonly id: number;
  /** bytes */
  readonly size: number;
  readonly sha512: string | null;
}

const columns = ['blob.id', 'blob.sha256', 'blob.generation', 'blob.size', 'blob.sha1', 'blob.md5', 'blob.sha512'] as const;
export const blobColumns = columns;

interface BlobRow { id: number; sha256: string; generation: string; size: number; sha1: string; md5: string; sha512: string | null }

export function storedBlob(row: BlobRow): StoredBlob {
  const { sha256, generation, sha1, md5, sha512 } = row;
  return { id: row.id, sha256, generation, size: row.size, sha1, md5, sha512 };
}

/** The live blob with a digest; of several with one MD5 or SHA-1 the oldest. */
export async function findLiveBlob(db: Reader, algorithm: keyof Digests, digest: string): Promise<StoredBlob | undefined> {
  const row = await db.selectFrom('blob').select(columns)
    .where(`blob.${algorithm}`, '=', digest).where('tombstoned_at', 'is', null)
    .orderBy('id').limit(1).executeTakeFirst();
  return row === undefined ? undefined : storedBlob(row);
}

const lookups = new WeakMap<Reader, Gathered<string, StoredBlob | 'none'>>();

/** The same by SHA-256, for many who look at the same time: one question for those that come while another is under way. */
export async function findLiveContent(db: Reader, sha256: string): Promise<StoredBlob | undefined> {
  let lookup = lookups.get(db);
  if (lookup === undefined) {
    lookup = new Gathered((digests) => findLiveContents(db, digests), { most: 32, lingerMs: 1 });
    lookups.set(db, lookup);
  }
  const found = await lookup.add(sha256);
  return found === 'none' ? undefined : found;
}

async function findLiveContents(db: Reader, digests: readonly string[]): Promise<(StoredBlob | 'none')[]> {
  // one live blob for each at most: a unique index sees to that
  const rows = await db.selectFrom('blob').select(columns)
    .where('sha256', '=', sql<string>`any(${digests}::text[])`).where('tombstoned_at', 'is', null).execute();
  const found = new Map(rows.map((row) => [row.sha256, storedBlob(row)]));
  return digests.map((digest) => found.get(digest) ?? 'none');
}

/**
 * Locks live blobs against a tombstone, in the order of their digests, so that no two writers wait for each other.
 * Whoever adds a reference calls it first in the same transaction.
 * @returns the ids that are still live
 */
export async function lockLiveBlobs(trx: Reader, ids: readonly number[]): Promise<Set<number>> {
  if (ids.length === 0) return new Set();
  const rows = await trx.selectFrom('blob').select('id')
    .where('id', 'in', [...new Set(ids)]).where('tombstoned_at', 'is', null)
    .orderBy('sha256').forShare().execute();
  return new Set(rows.map((row) => row.id));
}

/** Inserts the row of a published file. Undefined when another live blob has this content: then that one is to be used. */
export async function insertBlob(trx: Reader, blob: BlobName & Digests & { readonly size: number }): Promise<StoredBlob | undefined> {
  const { sha256, generation, size, sha1, md5 } = blob;
  const row = await trx.insertInto('blob').values({ sha256, generation, size, sha1, md5 })
    .onConflict((conflict) => conflict.column('sha256').where('tombstoned_at', 'is', null).doNothing())
    .returning(columns).executeTakeFirst();
  return row === undefined ? undefined : storedBlob(row);
}

/** Names blobs that lost a reference to the collector. Their grace begins anew. */
export async function addCollectionCandidates(trx: Reader, blobIds: readonly number[]): Promise<void> {
  // one order for all writers, as for every set of rows
  const ordered = [...new Set(blobIds)].sort((a, b) => a - b);
  if (ordered.length === 0) return;
  await trx.insertInto('collection_candidate').values(ordered.map((blob_id) => ({ blob_id })))
    .onConflict((conflict) => conflict.column('blob_id').doUpdateSet({ since: sql`clock_timestamp()` }))
    .execute();
}

/** Points a blob, whose old file is gone, at a new file; false when the old generation is not the live one any more. */
export async function replaceGeneration(trx: Reader, blobId: number, from: string, to: string): Promise<boolean> {
  const result = await trx.updateTable('blob').set({ generation: to })
    .where('id', '=', blobId).where('generation', '=', from).where('tombstoned_at', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows === 1n;
}

/** Keeps the SHA-512 that was computed on demand. */
export async function recordSha512(db: Reader, blobId: number, sha512: string): Promise<void> {
  await db.updateTable('blob').set({ sha512 }).where('id', '=', blobId).execute();
}
