import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** An upload of a blob that is under way; any node continues it. */
export interface Upload {
  readonly id: string;
  readonly repositoryId: number;
  readonly name: string;
  /** bytes that have been acknowledged */
  readonly received: number;
  readonly createdBy: string;
}

export interface UploadPiece {
  /** of its first byte */
  readonly position: number;
  readonly size: number;
  /** its name in the filestore */
  readonly file: string;
}

/** False, and nothing done, when `limit` uploads are under way already. */
export async function beginUpload(trx: Reader, upload: Omit<Upload, 'received'>, limit: number): Promise<boolean> {
  const { count } = await trx.selectFrom('oci_upload').select((eb) => eb.fn.countAll<number>().as('count')).executeTakeFirstOrThrow();
  if (count >= limit) return false;
  await trx.insertInto('oci_upload')
    .values({ id: upload.id, repository_id: upload.repositoryId, name: upload.name, created_by: upload.createdBy }).execute();
  return true;
}

export async function findUpload(db: Reader, id: string): Promise<Upload | undefined> {
  const row = await db.selectFrom('oci_upload').select(['id', 'repository_id', 'name', 'received', 'created_by']).where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : { id: row.id, repositoryId: row.repository_id, name: row.name, received: row.received, createdBy: row.created_by };
}

/** In order, without holes. */
export async function piecesOf(db: Reader, id: string): Promise<UploadPiece[]> {
  return db.selectFrom('oci_upload_piece').select(['position', 'size', 'file']).where('upload_id', '=', id).orderBy('position').execute();
}

/** How many pieces an upload has, and the size of the smallest; null when there is none. */
export async function piecesSoFar(db: Reader, id: string): Promise<{ readonly count: number; readonly smallest: number | null }> {
  const found = await sql<{ count: number; smallest: number | null }>`
    select count(*)::int as count, min(size) as smallest from oci_upload_piece where upload_id = ${id}::uuid`.execute(db);
  return found.rows[0] ?? { count: 0, smallest: null };
}

/** Adds a piece that begins at `piece.position`; false, and nothing done, when the upload is gone or has got further meanwhile. */
export async function continueUpload(trx: Reader, id: string, piece: UploadPiece): Promise<boolean> {
  const moved = await trx.updateTable('oci_upload')
    .set((eb) => ({ received: eb('received', '+', piece.size), touched_at: sql<Date>`clock_timestamp()` }))
    .where('id', '=', id).where('received', '=', piece.position).executeTakeFirst();
  if (moved.numUpdatedRows !== 1n) return false;
  await trx.insertInto('oci_upload_piece').values({ upload_id: id, ...piece }).execute();
  return true;
}

/**
 * Ends an upload, its pieces with it.
 * @param received what it has to hold at this moment; null: whatever it holds
 * @returns false, and nothing done, when it is gone or has got further
 */
export async function endUpload(trx: Reader, id: string, received: number | null): Promise<boolean> {
  const query = trx.deleteFrom('oci_upload').where('id', '=', id);
  const result = await (received === null ? query : query.where('received', '=', received)).executeTakeFirst();
  return result.numDeletedRows === 1n;
}

/** Ends some of the uploads that nobody has continued for `hours`; returns how many. Their files have no row then, and are swept. */
export async function expireUploads(trx: Reader, hours: number, limit: number): Promise<number> {
  const result = await sql`
    delete from oci_upload where id in (
      select id from oci_upload where touched_at < clock_timestamp() - make_interval(secs => ${hours * 3600}) order by touched_at limit ${limit} for update skip locked)`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}

/** Which of these uploads are under way. */
export async function livingUploads(db: Reader, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const found = await sql<{ id: string }>`select id::text as id from oci_upload where id = any(${[...new Set(ids)]}::uuid[])`.execute(db);
  return new Set(found.rows.map((row) => row.id));
}
