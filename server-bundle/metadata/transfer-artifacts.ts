import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { deleteArtifact, factsColumn, type StoredArtifact } from './artifacts.ts';
import { addCollectionCandidates, lockLiveBlobs } from './blobs.ts';
import { factsAt } from './artifact-facts.ts';
import { moveDownloads } from './downloads.ts';
import { deleteBelow } from './folders.ts';
import { copyProperties } from './properties.ts';

export interface ArtifactTransfer {
  /** a file, or a folder that ends in "/" */
  readonly from: { readonly repositoryId: number; readonly path: string };
  readonly to: { readonly repositoryId: number; readonly path: string };
  /** what is at `from`, read under the paths' locks */
  readonly artifacts: readonly StoredArtifact[];
  readonly by: string;
  readonly removeSource: boolean;
  /** by path at `from`: what is kept of a file at its new place instead of what was kept of it so far */
  readonly facts: ReadonlyMap<string, unknown>;
}

/** Rows for each statement. */
const batch = 500;

/**
 * Gives artifacts further paths, replacing what is there, and takes the old paths away when `removeSource` says so. The
 * caller's transaction holds the locks of both paths (`lockPaths`).
 */
export async function transferArtifacts(trx: Reader, transfer: ArtifactTransfer): Promise<void> {
  const { from, to, artifacts, by } = transfer;
  const blobIds = artifacts.flatMap(({ blob }) => (blob === null ? [] : [blob.id]));
  const live = await lockLiveBlobs(trx, blobIds);
  // a referenced blob never has a tombstone
  if (blobIds.some((id) => !live.has(id))) throw new BulkheadError('BLOB_MISSING');
  const replaced: number[] = [];
  for (let at = 0; at < artifacts.length; at += batch) {
    const part = artifacts.slice(at, at + batch);
    const target = (path: string): string => to.path + path.slice(from.path.length);
    const old = await trx.selectFrom('artifact').select('blob_id')
      .where('repository_id', '=', to.repositoryId).where('path', 'in', part.map(({ path }) => target(path))).where('blob_id', 'is not', null).execute();
    replaced.push(...old.map((row) => Number(row.blob_id)));
    const facts = await factsAt(trx, from.repositoryId, part.map(({ path }) => path));
    await trx.insertInto('artifact')
      .values(part.map((artifact) => ({
        repository_id: to.repositoryId, path: target(artifact.path), blob_id: artifact.blob?.id ?? null, mime_type: artifact.mimeType,
        created_by: artifact.createdBy, created_at: artifact.createdAt, modified_by: by,
        original_md5: artifact.original.md5, original_sha1: artifact.original.sha1, original_sha256: artifact.original.sha256,
        facts: factsColumn(transfer.facts.has(artifact.path) ? transfer.facts.get(artifact.path) : facts.get(artifact.path)),
      })))
      .onConflict((conflict) => conflict.columns(['repository_id', 'path']).doUpdateSet((eb) => ({
        blob_id: eb.ref('excluded.blob_id'), mime_type: eb.ref('excluded.mime_type'), modified_by: by, modified_at: sql`clock_timestamp()`,
        original_md5: eb.ref('excluded.original_md5'), original_sha1: eb.ref('excluded.original_sha1'), original_sha256: eb.ref('excluded.original_sha256'),
        facts: eb.ref('excluded.facts'),
      })))
      .execute();
    await copyProperties(trx, from, to, part.map(({ path }) => path));
    if (transfer.removeSource) await moveDownloads(trx, from, to, part.map(({ path }) => path));
  }
  if (transfer.removeSource) {
    if (from.path.endsWith('/')) await deleteBelow(trx, from.repositoryId, from.path);
    else await deleteArtifact(trx, from.repositoryId, from.path);
  }
  for (let at = 0; at < replaced.length; at += batch) await addCollectionCandidates(trx, replaced.slice(at, at + batch));
}
