import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** A file at most a few folders below another one. */
export interface NearFile {
  readonly path: string;
  /** 1: directly in the folder */
  readonly depth: number;
  readonly modifiedAt: Date;
}

/**
 * Files up to `depth` levels below a folder (ends in "/"), by path.
 *
 * Deeper ones are left out by the server, but it has to walk over them: a group that holds very many files costs accordingly,
 * once for each change of what is cached of it.
 */
export async function filesNear(db: Reader, repositoryId: number, folder: string, depth: number): Promise<NearFile[]> {
  const slashes = folder.split('/').length - 1;
  const rows = await db.selectFrom('artifact').select(['path', 'modified_at'])
    .where('repository_id', '=', repositoryId).where('path', '>', folder).where('path', '<', `${folder.slice(0, -1)}0`)
    .where('blob_id', 'is not', null)
    .where(sql<boolean>`length(path) - length(replace(path, '/', '')) < ${slashes + depth}`)
    .orderBy('path').execute();
  return rows.map((row) => ({ path: row.path, depth: row.path.split('/').length - slashes, modifiedAt: row.modified_at }));
}
