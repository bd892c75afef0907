import type { Reader } from '../cluster/ports.ts';
import { artifactColumns, factsColumn, storedArtifact, type StoredFile } from './artifacts.ts';
import { blobColumns } from './blobs.ts';

/** A file with what its format found in it. */
export interface FileWithFacts {
  readonly file: StoredFile;
  /** null for a file that tells nothing */
  readonly facts: unknown;
}

/** Facts of the artifacts at these paths; what has none is left out. */
export async function factsAt(db: Reader, repositoryId: number, paths: readonly string[]): Promise<Map<string, unknown>> {
  if (paths.length === 0) return new Map();
  const rows = await db.selectFrom('artifact').select(['path', 'facts'])
    .where('repository_id', '=', repositoryId).where('path', 'in', [...paths]).where('facts', 'is not', null).execute();
  return new Map(rows.map((row) => [row.path, row.facts]));
}

/** Files below a folder (ends in "/", or empty: the whole repository), by path; what an index is made of. */
export async function filesWithFacts(db: Reader, repositoryId: number, folder: string): Promise<FileWithFacts[]> {
  const below = db.selectFrom('artifact').innerJoin('blob', 'blob.id', 'artifact.blob_id')
    .select(artifactColumns).select(blobColumns).select('facts').where('repository_id', '=', repositoryId);
  const rows = await (folder === '' ? below : below.where('path', '>', folder).where('path', '<', `${folder.slice(0, -1)}0`)).orderBy('path').execute();
  return rows.flatMap((row) => {
    const artifact = storedArtifact(row);
    return artifact.blob === null ? [] : [{ file: { ...artifact, blob: artifact.blob }, facts: row.facts }];
  });
}

/** Replaces the facts of one artifact; false when it is not there. The caller holds the path's lock and has prepared what is made of them. */
export async function updateFacts(trx: Reader, repositoryId: number, path: string, facts: unknown): Promise<boolean> {
  const result = await trx.updateTable('artifact').set({ facts: factsColumn(facts) })
    .where('repository_id', '=', repositoryId).where('path', '=', path).executeTakeFirst();
  return result.numUpdatedRows === 1n;
}
