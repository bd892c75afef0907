import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { addCollectionCandidates } from './blobs.ts';

/*
 * What is deleted becomes an artifact of the trash can, under the key of its repository and its old path. The row stays the same one, so its bytes
 * stay referenced in every moment, and its properties go with it.
 */

/** Names of the properties that tell of a deletion. */
export const trashProperties = {
  /** milliseconds since 1970 by the database's clock, in 13 digits: ordered as text, too */
  time: 'trash.time',
  by: 'trash.deletedBy',
  repository: 'trash.originalRepository',
  path: 'trash.originalPath',
} as const;

/** An artifact, or (ends in "/") a folder with everything in it; '' for the whole repository. */
export interface TrashScope {
  readonly repositoryId: number;
  readonly path: string;
}

const within = ({ repositoryId, path }: TrashScope): ReturnType<typeof sql<boolean>> => {
  if (path === '') return sql<boolean>`repository_id = ${repositoryId}`;
  return path.endsWith('/')
    ? sql<boolean>`repository_id = ${repositoryId} and path >= ${path} and path < ${`${path.slice(0, -1)}0`}`
    : sql<boolean>`repository_id = ${repositoryId} and path = ${path}`;
};

/** Gives artifacts to the trash can, in place of what it has under the same names. The caller holds the locks of both paths. @returns how many */
export async function moveToTrash(trx: Reader, from: TrashScope & { readonly repositoryKey: string }, trashId: number, by: string): Promise<number> {
  const prefix = `${from.repositoryKey}/`;
  await deleteRows(trx, sql<boolean>`repository_id = ${trashId} and path in (select ${prefix}::text || path from artifact where ${within(from)})`);
  const moved = await sql<{ path: string }>`
    update artifact set repository_id = ${trashId}, path = ${prefix}::text || path where ${within(from)} returning path`.execute(trx);
  if (moved.rows.length === 0) return 0;
  const paths = moved.rows.map((row) => row.path);
  const names = Object.values(trashProperties);
  await sql`delete from artifact_property where repository_id = ${trashId} and path = any(${paths}::text[]) and name = any(${names}::text[])`.execute(trx);
  await sql`
    insert into artifact_property (repository_id, path, name, value)
    select ${trashId}::bigint, item.path, property.name, property.value
    from unnest(${paths}::text[]) as item(path) cross join lateral (values
      (${trashProperties.time}::text, floor(extract(epoch from clock_timestamp()) * 1000)::bigint::text),
      (${trashProperties.by}, ${by}),
      (${trashProperties.repository}, ${from.repositoryKey}),
      (${trashProperties.path}, substr(item.path, ${prefix.length + 1}::int))
    ) as property(name, value)`.execute(trx);
  return paths.length;
}

/** Gives artifacts of the trash can a path elsewhere, which is free. The caller holds the locks of both paths. */
export async function restoreFromTrash(trx: Reader, from: TrashScope, to: TrashScope): Promise<void> {
  await sql`delete from artifact_property where ${within(from)} and name = any(${Object.values(trashProperties)}::text[])`.execute(trx);
  // a folder that was made by hand there already stays the one that it is
  await sql`
    delete from artifact where ${within(from)} and blob_id is null and exists (
      select from artifact as present where present.repository_id = ${to.repositoryId}
        and present.path = ${to.path}::text || substr(artifact.path, length(${from.path}::text) + 1))`.execute(trx);
  await sql`
    update artifact set repository_id = ${to.repositoryId}, path = ${to.path}::text || substr(path, length(${from.path}::text) + 1)
    where ${within(from)}`.execute(trx);
}

/** Deletes up to `limit` artifacts of the trash can for good; their blobs become candidates for collection. @returns how many */
export async function deleteTrashed(trx: Reader, scope: TrashScope, limit: number): Promise<number> {
  const { repositoryId } = scope;
  return deleteRows(trx, sql<boolean>`repository_id = ${repositoryId} and path in (
    select path from artifact where ${within(scope)} order by path limit ${limit} for update)`);
}

/** The same for what was deleted so many days ago. */
export async function deleteExpired(trx: Reader, trashId: number, days: number, limit: number): Promise<number> {
  return deleteRows(trx, sql<boolean>`repository_id = ${trashId} and path in (
    select path from artifact_property where repository_id = ${trashId} and name = ${trashProperties.time}
      and value < floor(extract(epoch from clock_timestamp() - make_interval(days => ${days})) * 1000)::bigint::text
    order by value limit ${limit})`);
}

async function deleteRows(trx: Reader, which: ReturnType<typeof sql<boolean>>): Promise<number> {
  const { rows } = await sql<{ blobId: number | null }>`delete from artifact where ${which} returning blob_id as "blobId"`.execute(trx);
  const blobIds = rows.flatMap((row) => (row.blobId === null ? [] : [row.blobId]));
  for (let at = 0; at < blobIds.length; at += 1000) await addCollectionCandidates(trx, blobIds.slice(at, at + 1000));
  return rows.length;
}
