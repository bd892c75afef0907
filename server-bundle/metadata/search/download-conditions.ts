import { sql } from 'kysely';
import type { SearchCondition } from './conditions.ts';
import { operators, wildOrPlain, type Comparison } from './item-conditions.ts';

const here = sql`counted.repository_id = artifact.repository_id and counted.path = artifact.path`;

/** Items that were never downloaded, or that were. */
export function everDownloaded(ever: boolean): SearchCondition {
  const counted = sql<boolean>`exists (select from artifact_download as counted where ${here})`;
  return ever ? counted : sql`not ${counted}`;
}

/** Compares how often an item was downloaded: 0 where it never was. */
export function comparingDownloads(comparison: Exclude<Comparison, 'match' | 'nmatch'>, value: number): SearchCondition {
  return sql`coalesce((select counted.downloads from artifact_download as counted where ${here}), 0) ${operators[comparison]} ${value}`;
}

/** Compares when an item was last downloaded; holds for none that never was. */
export function comparingLastDownload(comparison: Exclude<Comparison, 'match' | 'nmatch'>, moment: Date): SearchCondition {
  return sql`exists (select from artifact_download as counted where ${here} and counted.last_at ${operators[comparison]} ${moment})`;
}

/** Compares who has downloaded an item last; what was never downloaded is by nobody, of which only `ne` and `nmatch` hold. */
export function comparingDownloader(comparison: Comparison, value: string): SearchCondition {
  return sql`coalesce((select counted.last_by from artifact_download as counted where ${here}), '') ${operators[comparison]} ${wildOrPlain(comparison, value)}`;
}

/** Files that nobody has downloaded since, and that were created before. */
export function unusedSince(since: Date, createdBefore: Date): SearchCondition {
  return sql`artifact.blob_id is not null and artifact.created_at < ${createdBefore}
    and not exists (select from artifact_download as counted where ${here} and counted.last_at >= ${since})`;
}

/** Files that were last downloaded in a span of time. @param until null: now */
export function lastDownloadedWithin(from: Date, until: Date | null): SearchCondition {
  const begun = comparingLastDownload('gte', from);
  return until === null ? begun : sql`${begun} and ${comparingLastDownload('lte', until)}`;
}
