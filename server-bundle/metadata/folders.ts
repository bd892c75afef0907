import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { artifactColumns, storedArtifact, type StoredArtifact } from './artifacts.ts';
import { addCollectionCandidates, blobColumns } from './blobs.ts';

/*
 * Folders are implied by the paths of what is in them; only a folder made by hand has a row, whose path ends in "/".
 * A `folder` here ends in "/", or is empty for the whole repository. Paths compare byte by byte (collation "C"), so
 * everything below a folder lies between `folder` and `folder` with its last "/" replaced by "0", the next character.
 */

/** First path after everything below a folder; null when there is no bound (the whole repository). */
export function behindFolder(folder: string): string | null {
  return folder === '' ? null : `${folder.slice(0, -1)}0`;
}

export interface Child {
  /** last segment, without a slash */
  readonly name: string;
  readonly folder: boolean;
}

/** Who made and who changed something, and when. */
export interface Stamps {
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly modifiedAt: Date;
  readonly modifiedBy: string;
}

export interface FolderContents {
  /**
   * When the folder came to be and when something in it changed, as file systems have it: its own marker and what is directly in it count;
   * a folder in it counts with its own marker, or the first item in it. Null when there is no such folder.
   */
  readonly stamps: Stamps | null;
  readonly children: readonly Child[];
}

/**
 * What is directly in a folder, by name. Jumps from child to child in the primary key, so that its cost grows with the number of children,
 * not with everything below them.
 */
export async function folderContents(db: Reader, repositoryId: number, folder: string): Promise<FolderContents> {
  const end = behindFolder(folder);
  const within = end === null ? sql`repository_id = ${repositoryId}` : sql`repository_id = ${repositoryId} and path < ${end}`;
  const rest = sql`substr(path, length(${folder}::text) + 1)`;
  // up to and including the next slash: a folder keeps it, a file has none, and the marker of this folder itself has no name at all
  const name = sql`case when position('/' in ${rest}) > 0 then left(${rest}, position('/' in ${rest})) else ${rest} end`;
  const item = sql`select ${name} as name, created_at, created_by, modified_at, modified_by from artifact`;
  // the smallest path behind a child: "0" follows "/", and chr(1) comes before everything that a path may hold
  const following = sql`${folder}::text || case when right(child.name, 1) = '/' then left(child.name, -1) || '0' else child.name || chr(1) end`;
  const { rows } = await sql<Stamps & { name: string }>`
    with recursive child as (
      (${item} where ${within} and path >= ${folder} order by path limit 1)
      union all
      select later.* from child cross join lateral (${item} where ${within} and path >= ${following} order by path limit 1) as later
    ) select name, created_at as "createdAt", created_by as "createdBy", modified_at as "modifiedAt", modified_by as "modifiedBy" from child`.execute(db);
  const named = rows.filter((row) => row.name !== '');
  return {
    stamps: rows.length === 0 ? null : stampsOf(rows),
    children: named.map((row) => (row.name.endsWith('/') ? { name: row.name.slice(0, -1), folder: true } : { name: row.name, folder: false })),
  };
}

/** The first creation and the last change of some items, one at least. */
export function stampsOf(items: readonly Stamps[]): Stamps {
  const { createdAt, createdBy } = items.reduce((one, other) => (other.createdAt < one.createdAt ? other : one));
  const { modifiedAt, modifiedBy } = items.reduce((one, other) => (other.modifiedAt > one.modifiedAt ? other : one));
  return { createdAt, createdBy, modifiedAt, modifiedBy };
}

/** Whether anything is below a folder, or it was made by hand. */
export async function folderExists(db: Reader, repositoryId: number, folder: string): Promise<boolean> {
  const end = behindFolder(folder);
  const row = await db.selectFrom('artifact').select('path')
    .where('repository_id', '=', repositoryId).where('path', '>=', folder)
    .$if(end !== null, (query) => query.where('path', '<', end ?? ''))
    .limit(1).executeTakeFirst();
  return row !== undefined;
}

/** Whether a folder (ends in "/") holds anything besides one path. */
export async function folderHolds(db: Reader, repositoryId: number, folder: string, except: string): Promise<boolean> {
  const row = await db.selectFrom('artifact').select('path')
    .where('repository_id', '=', repositoryId).where('path', '>', folder).where('path', '<', behindFolder(folder) ?? '').where('path', '!=', except).where('blob_id', 'is not', null)
    .limit(1).executeTakeFirst();
  return row !== undefined;
}

/** Everything below a folder, its own marker included, by path. */
export async function artifactsBelow(db: Reader, repositoryId: number, folder: string): Promise<StoredArtifact[]> {
  const end = behindFolder(folder);
  const rows = await db.selectFrom('artifact').leftJoin('blob', 'blob.id', 'artifact.blob_id')
    .select(artifactColumns).select(blobColumns)
    .where('repository_id', '=', repositoryId).where('path', '>=', folder)
    .$if(end !== null, (query) => query.where('path', '<', end ?? ''))
    .orderBy('path').execute();
  return rows.map(storedArtifact);
}

/** A path at which a file stands in the way of `path`, or below which something stands where `path` is to be a file. */
export async function findPathConflict(db: Reader, repositoryId: number, path: string): Promise<string | undefined> {
  const isFolder = path.endsWith('/');
  const plain = isFolder ? path.slice(0, -1) : path;
  const segments = plain.split('/');
  const files = segments.map((_, count) => segments.slice(0, count + 1).join('/')).slice(0, isFolder ? undefined : -1);
  const row = await db.selectFrom('artifact').select('path')
    .where('repository_id', '=', repositoryId)
    .where((eb) => eb.or([
      ...(files.length > 0 ? [eb('path', 'in', files)] : []),
      ...(isFolder ? [] : [eb.and([eb('path', '>=', `${plain}/`), eb('path', '<', `${plain}0`)])]),
      eb.lit(false),
    ]))
    .limit(1).executeTakeFirst();
  return row?.path;
}

/** Deletes everything below a folder, its marker included; the number of files. Their blobs become candidates for collection. */
export async function deleteBelow(trx: Reader, repositoryId: number, folder: string): Promise<{ readonly files: number; readonly rows: number }> {
  const end = behindFolder(folder);
  const rows = await trx.deleteFrom('artifact')
    .where('repository_id', '=', repositoryId).where('path', '>=', folder)
    .$if(end !== null, (query) => query.where('path', '<', end ?? ''))
    .returning('blob_id').execute();
  const blobIds = rows.flatMap((row) => (row.blob_id === null ? [] : [row.blob_id]));
  for (let at = 0; at < blobIds.length; at += 1000) await addCollectionCandidates(trx, blobIds.slice(at, at + 1000));
  return { files: blobIds.length, rows: rows.length };
}

/** What a marker of a folder is stored as. */
export const folderMimeType = 'application/x-directory';

/**
 * Gives a folder (ends in "/"), and with `below` every folder in it, a marker of its own where only the paths of their content imply it. The
 * caller holds the lock of the folder.
 */
export async function markFolders(trx: Reader, repositoryId: number, folder: string, below: boolean, by: string): Promise<void> {
  const depth = folder.split('/').length - 1;
  const end = behindFolder(folder) ?? '';
  const implied = below
    ? sql`
      select distinct array_to_string(segments[1:depth], '/') || '/' as path
      from (select string_to_array(path, '/') as segments from artifact where repository_id = ${repositoryId} and path >= ${folder} and path < ${end}) as item
      cross join lateral generate_series(${depth}::int, cardinality(segments) - 1) as depth`
    : sql`select ${folder}::text as path`;
  await sql`
    insert into artifact (repository_id, path, mime_type, created_by, modified_by)
    select ${repositoryId}::bigint, path, ${folderMimeType}::text, ${by}::text, ${by}::text from (${implied}) as folder
    on conflict do nothing`.execute(trx);
}

/** Files at or below a path that were modified last, the latest first. @param path a file, a folder that ends in "/", or '' */
export async function latestFiles(db: Reader, repositoryId: number, path: string, limit: number): Promise<{ readonly path: string; readonly modifiedAt: Date }[]> {
  const end = behindFolder(path);
  const rows = await db.selectFrom('artifact').select(['path', 'modified_at']).where('repository_id', '=', repositoryId).where('blob_id', 'is not', null)
    .$if(path === '' || path.endsWith('/'), (query) => query.where('path', '>=', path).$if(end !== null, (below) => below.where('path', '<', end ?? '')))
    .$if(path !== '' && !path.endsWith('/'), (query) => query.where('path', '=', path))
    .orderBy('modified_at', 'desc').limit(limit).execute();
  return rows.map((row) => ({ path: row.path, modifiedAt: row.modified_at }));
}
