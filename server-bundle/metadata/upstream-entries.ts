import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** What a remote repository knows of a path upstream. */
export interface UpstreamEntry {
  readonly kind: 'document' | 'file';
  /** validators as upstream sent them */
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** milliseconds since upstream was last asked, at the time of this read */
  readonly ageMs: number;
  /** for how long upstream is known to have nothing there, milliseconds from this read; 0: it is not known */
  readonly missingMs: number;
}

export async function findUpstreamEntry(db: Reader, repositoryId: number, path: string): Promise<UpstreamEntry | undefined> {
  const row = await db.selectFrom('upstream_entry')
    .select((eb) => [
      'kind', 'etag', 'last_modified',
      sql<number>`(extract(epoch from clock_timestamp() - ${eb.ref('checked_at')}) * 1000)::float8`.as('age_ms'),
      sql<number>`coalesce(extract(epoch from ${eb.ref('missing_until')} - clock_timestamp()) * 1000, 0)::float8`.as('missing_ms'),
    ])
    .where('repository_id', '=', repositoryId).where('path', '=', path).executeTakeFirst();
  return row === undefined ? undefined : {
    kind: row.kind, etag: row.etag, lastModified: row.last_modified, ageMs: Math.max(0, row.age_ms), missingMs: Math.max(0, row.missing_ms),
  };
}

export interface CheckedPath {
  readonly repositoryId: number;
  readonly path: string;
  readonly kind: 'document' | 'file';
  readonly etag: string | null;
  readonly lastModified: string | null;
  /** how long "nothing there" holds; null: there is something */
  readonly missingSeconds: number | null;
}

/** Notes that upstream was asked just now. A repository that was removed meanwhile gets no row. */
export async function putUpstreamEntry(trx: Reader, { repositoryId, path, kind, etag, lastModified, missingSeconds }: CheckedPath): Promise<void> {
  const missingUntil = missingSeconds === null ? null : sql<Date>`clock_timestamp() + make_interval(secs => ${missingSeconds})`;
  const told = { kind, etag, last_modified: lastModified, checked_at: sql<Date>`clock_timestamp()`, missing_until: missingUntil };
  const there = await trx.selectFrom('repository').select('id').where('id', '=', repositoryId).executeTakeFirst();
  if (there === undefined) return;
  await trx.insertInto('upstream_entry').values({ repository_id: repositoryId, path, ...told })
    .onConflict((conflict) => conflict.columns(['repository_id', 'path']).doUpdateSet(told)).execute();
}

/** Forgets what is known of one path. */
export async function forgetUpstreamPath(trx: Reader, repositoryId: number, path: string): Promise<void> {
  await trx.deleteFrom('upstream_entry').where('repository_id', '=', repositoryId).where('path', '=', path).execute();
}

/** Forgets what is known of everything below a folder (ends in "/", or is empty for the whole repository). */
export async function forgetUpstream(trx: Reader, repositoryId: number, folder: string): Promise<void> {
  await trx.deleteFrom('upstream_entry').where('repository_id', '=', repositoryId)
    .$if(folder !== '', (query) => query.where('path', '>=', folder).where('path', '<', `${folder.slice(0, -1)}0`)).execute();
}

/** What upstream did not have it may have now: its address was changed, or somebody wants it to be asked again. */
export async function forgetAllMissing(trx: Reader, repositoryId: number): Promise<void> {
  // not deleted: a document that is kept from before must not be taken for a file that never changes
  await trx.updateTable('upstream_entry').set({ missing_until: null, checked_at: new Date(0) })
    .where('repository_id', '=', repositoryId).where('missing_until', 'is not', null).execute();
}

/** Deletes up to `limit` rows that tell nothing any more: "nothing there" that has not held for a day and stands beside no file. The number. */
export async function pruneMissing(trx: Reader, limit: number): Promise<number> {
  const { numAffectedRows = 0n } = await sql`
    delete from upstream_entry where ctid in (
      select entry.ctid from upstream_entry as entry where missing_until < clock_timestamp() - interval '1 day'
        and not exists (select 1 from artifact where artifact.repository_id = entry.repository_id and artifact.path = entry.path) limit ${limit})`.execute(trx);
  return Number(numAffectedRows);
}
