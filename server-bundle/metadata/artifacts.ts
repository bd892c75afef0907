import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { blobColumns, storedBlob, type StoredBlob } from './blobs.ts';

/** Checksums as the client declared them; null where it did not. */
export interface DeclaredDigests {
  readonly md5: string | null;
  readonly sha1: string | null;
  readonly sha256: string | null;
}

export interface StoredArtifact {
  readonly repositoryId: number;
  /** without a leading slash; ends in "/" for the marker of a folder */
  readonly path: string;
  readonly mimeType: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly modifiedAt: Date;
  readonly modifiedBy: string;
  readonly original: DeclaredDigests;
  /** null for the marker of a folder */
  readonly blob: StoredBlob | null;
}

/** A stored file: an artifact that has bytes. */
export type StoredFile = StoredArtifact & { readonly blob: StoredBlob };

export interface NewArtifact {
  readonly repositoryId: number;
  readonly path: string;
  readonly blobId: number | null;
  readonly mimeType: string;
  readonly by: string;
  readonly original: DeclaredDigests;
  /** what the repository's format found in the file; JSON, null when it keeps nothing of it */
  readonly facts: unknown;
}

export interface ArtifactRow {
  repository_id: number; path: string; mime_type: string; created_at: Date; created_by: string; modified_at: Date; modified_by: string;
  original_md5: string | null; original_sha1: string | null; original_sha256: string | null;
  id: number | null; sha256: string | null; generation: string | null; size: number | null; sha1: string | null; md5: string | null; sha512: string | null;
}

export const artifactColumns = [
  'repository_id', 'path', 'mime_type', 'artifact.created_at', 'created_by', 'modified_at', 'modified_by',
  'original_md5', 'original_sha1', 'original_sha256',
] as const;

export function storedArtifact(row: ArtifactRow): StoredArtifact {
  const { id, sha256, generation, size, sha1, md5, sha512 } = row;
  const hasBlob = id !== null && sha256 !== null && generation !== null && size !== null && sha1 !== null && md5 !== null;
  return {
    repositoryId: row.repository_id, path: row.path, mimeType: row.mime_type,
    createdAt: row.created_at, createdBy: row.created_by, modifiedAt: row.modified_at, modifiedBy: row.modified_by,
    original: { md5: row.original_md5, sha1: row.original_sha1, sha256: row.original_sha256 },
    blob: hasBlob ? storedBlob({ id, sha256, generation, size, sha1, md5, sha512 }) : null,
  };
}

/** One artifact with its blob; a folder's marker only when `path` ends in "/". */
export async function findArtifact(db: Reader, repositoryId: number, path: string): Promise<StoredArtifact | undefined> {
  const row = await db.selectFrom('artifact').leftJoin('blob', 'blob.id', 'artifact.blob_id')
    .select(artifactColumns).select(blobColumns)
    .where('repository_id', '=', repositoryId).where('path', '=', path).executeTakeFirst();
  return row === undefined ? undefined : storedArtifact(row);
}

/** The file at a path; undefined for what is absent or a folder. */
export async function findFile(db: Reader, repositoryId: number, path: string): Promise<StoredFile | undefined> {
  const artifact = await findArtifact(db, repositoryId, path);
  return artifact === undefined || artifact.blob === null ? undefined : { ...artifact, blob: artifact.blob };
}

/** As the driver wants a jsonb value: text, so that arrays and strings stay what they are. */
export function factsColumn(facts: unknown): string | null {
  return facts === null || facts === undefined ? null : JSON.stringify(facts);
}

interface Stamps { readonly createdAt: Date; readonly createdBy: string; readonly modifiedAt: Date }

/** Adds an artifact; undefined, and nothing done, when the path is taken. */
export async function insertArtifact(trx: Reader, artifact: NewArtifact): Promise<Stamps | undefined> {
  const { repositoryId, path, blobId, mimeType, by, original, facts } = artifact;
  const row = await trx.insertInto('artifact')
    .values({
      repository_id: repositoryId, path, blob_id: blobId, mime_type: mimeType, created_by: by, modified_by: by,
      original_md5: original.md5, original_sha1: original.sha1, original_sha256: original.sha256, facts: factsColumn(facts),
    })
    .onConflict((conflict) => conflict.columns(['repository_id', 'path']).doNothing())
    .returning(['created_at', 'created_by', 'modified_at']).executeTakeFirst();
  return row === undefined ? undefined : { createdAt: row.created_at, createdBy: row.created_by, modifiedAt: row.modified_at };
}

/**
 * Adds an artifact or replaces what is there. The caller holds the path's lock (`lockPaths`), so that the old blob is the one
 * that was replaced.
 * @returns the blob that lost this reference, null when there was none
 */
export async function putArtifact(trx: Reader, artifact: NewArtifact): Promise<Stamps & { readonly replacedBlobId: number | null }> {
  const { repositoryId, path, blobId, mimeType, by, original, facts } = artifact;
  const old = await trx.selectFrom('artifact').select('blob_id').where('repository_id', '=', repositoryId).where('path', '=', path).executeTakeFirst();
  const told = { original_md5: original.md5, original_sha1: original.sha1, original_sha256: original.sha256, facts: factsColumn(facts) };
  const row = await trx.insertInto('artifact')
    .values({ repository_id: repositoryId, path, blob_id: blobId, mime_type: mimeType, created_by: by, modified_by: by, ...told })
    .onConflict((conflict) => conflict.columns(['repository_id', 'path']).doUpdateSet({
      blob_id: blobId, mime_type: mimeType, modified_by: by, modified_at: sql`clock_timestamp()`, ...told,
    }))
    .returning(['created_at', 'created_by', 'modified_at']).executeTakeFirstOrThrow();
  const replaced = old?.blob_id ?? null;
  return {
    createdAt: row.created_at, createdBy: row.created_by, modifiedAt: row.modified_at,
    replacedBlobId: replaced === null || replaced === blobId ? null : replaced,
  };
}

/** Notes a checksum that the client sent in a file of its own beside the artifact. */
export async function recordDeclaredDigest(db: Reader, artifact: StoredArtifact, algorithm: keyof DeclaredDigests, digest: string): Promise<void> {
  await db.updateTable('artifact').set({ [`original_${algorithm}`]: digest })
    .where('repository_id', '=', artifact.repositoryId).where('path', '=', artifact.path)
    .where('blob_id', '=', artifact.blob?.id ?? null).execute();
}

/** Deletes one artifact; its blob id, or null for a marker; undefined when it was not there. */
export async function deleteArtifact(trx: Reader, repositoryId: number, path: string): Promise<number | null | undefined> {
  const row = await trx.deleteFrom('artifact').where('repository_id', '=', repositoryId).where('path', '=', path)
    .returning('blob_id').executeTakeFirst();
  return row?.blob_id;
}

/** Paths of the artifacts that refer to a blob. */
export async function referencesTo(db: Reader, blobId: number): Promise<{ readonly repositoryId: number; readonly path: string }[]> {
  const rows = await db.selectFrom('artifact').select(['repository_id', 'path']).where('blob_id', '=', blobId).execute();
  return rows.map((row) => ({ repositoryId: row.repository_id, path: row.path }));
}
