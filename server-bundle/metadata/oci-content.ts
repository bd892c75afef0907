import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** Which of these paths hold a file. They stay until the transaction ends: whoever deletes one waits. Locked in one order. */
export async function holdPaths(trx: Reader, repositoryId: number, paths: readonly string[]): Promise<Set<string>> {
  if (paths.length === 0) return new Set();
  const found = await sql<{ path: string }>`
    select path from artifact where repository_id = ${repositoryId} and path = any(${[...paths]}::text[]) and blob_id is not null
    order by path for key share`.execute(trx);
  return new Set(found.rows.map((row) => row.path));
}

/**
 * Notes that somebody was told that a blob is there and may build on it; false when it is not there. Waits for a deletion under way, so that
 * the answer is not outdated at once.
 */
export async function noteBlobUse(db: Reader, repositoryId: number, path: string): Promise<boolean> {
  const found = await sql`
    with present as (
      select repository_id, path from artifact where repository_id = ${repositoryId} and path = ${path} and blob_id is not null for key share
    ), noted as (
      insert into oci_blob_use (repository_id, path) select repository_id, path from present
      on conflict (repository_id, path) do update set used_at = clock_timestamp() returning path
    ) select path from noted`.execute(db);
  return found.rows.length === 1;
}

/** Names of tags and of folders directly below a name, of which those that are tags. In the order of their characters' codes. */
export async function tagsAmong(db: Reader, repositoryId: number, name: string, candidates: readonly string[], tagFile: string): Promise<string[]> {
  if (candidates.length === 0) return [];
  const found = await sql<{ tag: string }>`
    select tag from unnest(${[...candidates]}::text[]) as tag
    where exists (select from artifact where repository_id = ${repositoryId} and path = ${name} || '/' || tag || '/' || ${tagFile} and blob_id is not null)
    order by tag collate "C"`.execute(db);
  return found.rows.map((row) => row.tag);
}

/** Names below which manifests lie, in the order of their characters' codes. Hops from name to name over the index of manifests. */
export async function namesWithManifests(db: Reader, repositoryId: number): Promise<string[]> {
  const found = await sql<{ name: string }>`
    with recursive seen as (
      (select split_part(path, '/_manifests/', 1) as name from artifact
        where repository_id = ${repositoryId} and path like '%/\\_manifests/%' order by path limit 1)
      union all
      select (select split_part(path, '/_manifests/', 1) from artifact
        where repository_id = ${repositoryId} and path like '%/\\_manifests/%' and path > seen.name || '/_manifests0' order by path limit 1)
      from seen where seen.name is not null
    ) select name from seen where name is not null order by name collate "C"`.execute(db);
  return found.rows.map((row) => row.name);
}

export interface StoredReferrer {
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly sha256: string;
  readonly facts: unknown;
}

/** Manifests below a folder (ends in "/") whose subject is a digest, by path. */
export async function referrersOf(db: Reader, repositoryId: number, folder: string, subject: string): Promise<StoredReferrer[]> {
  const found = await sql<StoredReferrer>`
    select path, blob.size, blob.sha256, facts from artifact join blob on blob.id = artifact.blob_id
    where repository_id = ${repositoryId} and facts #>> '{oci,subject}' = ${subject} and facts #>> '{oci,subject}' is not null
      and path > ${folder} and path < ${`${folder.slice(0, -1)}0`}
    order by path`.execute(db);
  return found.rows;
}

/** Paths directly two levels below a name at which this blob lies as a tag (`<name>/<tag>/<tagFile>`). */
export async function tagPathsOf(db: Reader, repositoryId: number, name: string, blobId: number, tagFile: string): Promise<string[]> {
  const found = await sql<{ path: string }>`
    select path from artifact where blob_id = ${blobId} and repository_id = ${repositoryId}
      and starts_with(path, ${`${name}/`}) and path like ${`%/${tagFile}`} and length(path) - length(replace(path, '/', '')) = ${name.split('/').length + 1}
    order by path`.execute(db);
  return found.rows.map((row) => row.path);
}
