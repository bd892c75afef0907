import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** Downloads of one file that are to be added to what is known. */
export interface CountedDownloads {
  readonly repositoryId: number;
  readonly path: string;
  readonly downloads: number;
  readonly lastAt: Date;
  readonly lastBy: string;
}

export interface DownloadStats { readonly downloads: number; readonly lastAt: Date; readonly lastBy: string }

/**
 * Adds them up, in one statement. Files that are gone, or that somebody is just deleting or renaming, are passed over: counting waits for no change of content; other nodes
 * that count take the rows in the same order.
 */
export async function addDownloads(db: Reader, counted: readonly CountedDownloads[]): Promise<void> {
  const of = <K extends keyof CountedDownloads>(key: K): CountedDownloads[K][] => counted.map((each) => each[key]);
  await sql`
    with given as (
      select * from unnest(${of('repositoryId')}::bigint[], ${of('path')}::text[], ${of('downloads')}::bigint[], ${of('lastAt')}::timestamptz[], ${of('lastBy')}::text[])
        as given(repository_id, path, downloads, last_at, last_by)
    ), here as materialized (
      select artifact.repository_id, artifact.path from artifact
      where (artifact.repository_id, artifact.path) in (select repository_id, path from given)
      order by artifact.repository_id, artifact.path for key share skip locked
    )
    insert into artifact_download as known (repository_id, path, downloads, last_at, last_by)
    select repository_id, path, downloads, last_at, last_by from given join here using (repository_id, path) order by repository_id, path
    on conflict (repository_id, path) do update set
      downloads = known.downloads + excluded.downloads,
      last_by = case when excluded.last_at >= known.last_at then excluded.last_by else known.last_by end,
      last_at = greatest(known.last_at, excluded.last_at)`.execute(db);
}

/** Gives counts of artifacts that were moved to their new paths, in place of what was counted there, also between these statements; rows of both are there. */
export async function moveDownloads(
  trx: Reader, from: { readonly repositoryId: number; readonly path: string }, to: { readonly repositoryId: number; readonly path: string }, paths: readonly string[],
): Promise<void> {
  const targets = paths.map((path) => to.path + path.slice(from.path.length));
  await sql`delete from artifact_download where repository_id = ${to.repositoryId} and path = any(${targets}::text[])`.execute(trx);
  await sql`
    insert into artifact_download (repository_id, path, downloads, last_at, last_by)
    select ${to.repositoryId}::bigint, renamed.target, counted.downloads, counted.last_at, counted.last_by
    from unnest(${[...paths]}::text[], ${targets}::text[]) as renamed(source, target)
    join artifact_download as counted on counted.repository_id = ${from.repositoryId} and counted.path = renamed.source
    on conflict (repository_id, path) do update set downloads = excluded.downloads, last_at = excluded.last_at, last_by = excluded.last_by`.execute(trx);
}

/** Undefined for what was never downloaded. */
export async function findDownloads(db: Reader, repositoryId: number, path: string): Promise<DownloadStats | undefined> {
  const row = await db.selectFrom('artifact_download').select(['downloads', 'last_at', 'last_by'])
    .where('repository_id', '=', repositoryId).where('path', '=', path).executeTakeFirst();
  return row === undefined ? undefined : { downloads: row.downloads, lastAt: row.last_at, lastBy: row.last_by };
}

/** Of many files; what was never downloaded is left out. @returns by path */
export async function downloadsAt(db: Reader, repositoryId: number, paths: readonly string[]): Promise<Map<string, DownloadStats>> {
  const rows = await db.selectFrom('artifact_download').select(['path', 'downloads', 'last_at', 'last_by'])
    .where('repository_id', '=', repositoryId).where(sql<boolean>`path = any(${[...paths]}::text[])`).execute();
  return new Map(rows.map((row) => [row.path, { downloads: row.downloads, lastAt: row.last_at, lastBy: row.last_by }]));
}
