import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { addCollectionCandidates } from './blobs.ts';
import type { DatabaseMoment } from './collection.ts';

/** Paths of blobs that nobody has pushed or asked for since a moment, in order, beginning after `after`. Whether manifests name them is not looked at. */
export async function idleBlobs(db: Reader, repositoryId: number, since: DatabaseMoment, after: string, limit: number): Promise<string[]> {
  const found = await sql<{ path: string }>`
    select path from artifact
    where repository_id = ${repositoryId} and path > ${after} and path like '%/\\_blobs/%' and blob_id is not null and modified_at <= ${since}::timestamptz
      and not exists (select from oci_blob_use as used where used.repository_id = artifact.repository_id and used.path = artifact.path and used.used_at > ${since}::timestamptz)
    order by path limit ${limit}`.execute(db);
  return found.rows.map((row) => row.path);
}

/** Digests of all blobs that the manifests of a name need, and its tags, where those came without their manifests. @param folder `<name>/_manifests/` */
export async function blobsNeeded(db: Reader, repositoryId: number, folder: string): Promise<Set<string>> {
  const name = folder.slice(0, folder.lastIndexOf('/', folder.length - 2));
  const found = await sql<{ digest: string }>`
    select jsonb_array_elements_text(facts #> '{oci,blobs}') as digest from artifact
    where repository_id = ${repositoryId} and path > ${folder} and path < ${`${folder.slice(0, -1)}0`} and facts #> '{oci,blobs}' is not null
    union
    select jsonb_array_elements_text(facts #> '{oci,blobs}') from artifact
    where repository_id = ${repositoryId} and path > ${`${name}/`} and path < ${`${name}0`} and path like '%/manifest.json' and facts #> '{oci,blobs}' is not null`.execute(db);
  return new Set(found.rows.map((row) => row.digest));
}

/**
 * Deletes blobs of one name that are still idle and that no manifest names. The order of the statements is what makes it safe: the rows are
 * locked first; whoever pushes a manifest holds them FOR KEY SHARE until its commit, so it is either done, and seen by the statements that
 * follow, or will find no row.
 *
 * @param digestOf what a manifest calls the blob at a path
 * @returns the paths that are gone
 */
export async function deleteUnusedBlobs(
  trx: Reader, repositoryId: number, paths: readonly string[], since: DatabaseMoment, folder: string, digestOf: (path: string) => string,
): Promise<string[]> {
  await sql`
    select path from artifact where repository_id = ${repositoryId} and path = any(${[...paths]}::text[]) order by path for update`.execute(trx);
  const needed = await blobsNeeded(trx, repositoryId, folder);
  const unneeded = paths.filter((path) => !needed.has(digestOf(path)));
  const found = await sql<{ path: string; blobId: number }>`
    delete from artifact
    where repository_id = ${repositoryId} and path = any(${unneeded}::text[]) and modified_at <= ${since}::timestamptz
      and not exists (select from oci_blob_use as used where used.repository_id = artifact.repository_id and used.path = artifact.path and used.used_at > ${since}::timestamptz)
    returning path, blob_id as "blobId"`.execute(trx);
  await addCollectionCandidates(trx, found.rows.map((row) => row.blobId));
  return found.rows.map((row) => row.path);
}

/** Forgets uses that count no more; returns how many. */
export async function forgetOldUses(trx: Reader, since: DatabaseMoment, limit: number): Promise<number> {
  const result = await sql`
    delete from oci_blob_use where ctid in (select ctid from oci_blob_use where used_at <= ${since}::timestamptz limit ${limit} for update skip locked)`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}
