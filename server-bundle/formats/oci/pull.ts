import { BulkheadError } from '../../contract/index.ts';
import { noteBlobUse } from '../../metadata/oci-content.ts';
import { readBlob, type BlobSource } from '../../repositories/read-blob.ts';
import { resolve } from '../../repositories/resolve.ts';
import { authorize } from '../../security/authorize.ts';
import { isBulkheadError } from '../../contract/index.ts';
import { isImageType, isIndexType } from './media-types.ts';
import { recognizeManifest } from './manifest.ts';
import type { Digest, Reference } from './names.ts';
import { blobPath, referencePath } from './paths.ts';
import { registryRepository, type Registry, type Scope } from './registry.ts';

/** A blob or manifest that was found. */
export interface Pulled {
  readonly source: BlobSource;
  readonly mediaType: string;
  /** as it was asked for; the SHA-256 where it was asked for by tag */
  readonly digest: string;
}

/** "Pulling blobs". @throws BLOB_UNKNOWN */
export async function pullBlob(registry: Registry, scope: Scope, digest: Digest): Promise<Pulled> {
  const source = await find(registry, scope, blobPath(scope.name, digest));
  if (source === null) throw new BulkheadError('BLOB_UNKNOWN', undefined, { details: { digest: digest.text } });
  return { source, mediaType: 'application/octet-stream', digest: digest.text };
}

/** "Pulling manifests". @throws MANIFEST_UNKNOWN */
export async function pullManifest(registry: Registry, scope: Scope, reference: Reference | null, asked: string): Promise<Pulled> {
  const source = reference === null ? null : await find(registry, scope, referencePath(scope.name, reference));
  if (source === null) throw new BulkheadError('MANIFEST_UNKNOWN', undefined, { details: { reference: asked.slice(0, 200) } });
  const { file } = source;
  const known = isImageType(file.mimeType) || isIndexType(file.mimeType);
  const recognized = known || source.bytes === null ? null : recognizeManifest(source.bytes);
  return {
    source, mediaType: recognized?.mediaType ?? file.mimeType,
    digest: reference?.kind === 'digest' ? reference.digest.text : `sha256:${file.blob.sha256}`,
  };
}

/**
 * "Checking if content exists": whoever may push builds on the answer, so the blob counts as used from now on, and its bytes are looked
 * for. Where they are gone the client has to bring them again.
 * @throws BLOB_UNKNOWN
 */
export async function headBlob(registry: Registry, scope: Scope, digest: Digest): Promise<Pulled> {
  const pulled = await pullBlob(registry, scope, digest);
  if (!mayDeploy(scope, blobPath(scope.name, digest))) return pulled;
  const { filestore, session } = registry.content;
  const { repositoryId, path, blob } = pulled.source.file;
  const there = await noteBlobUse(session.db, repositoryId, path) && await filestore.stat(blob) !== null;
  if (!there) throw new BulkheadError('BLOB_UNKNOWN', undefined, { details: { digest: digest.text } });
  return pulled;
}

async function find(registry: Registry, { principal, repositoryKey }: Scope, path: string): Promise<BlobSource | null> {
  authorize(principal, 'read', repositoryKey, path);
  await registryRepository(registry, repositoryKey);
  const found = await resolve(registry.content, principal, repositoryKey, path);
  return found.kind === 'file' ? readBlob(registry.content, found.repository, found.file) : null;
}

function mayDeploy({ principal, repositoryKey }: Scope, path: string): boolean {
  try {
    authorize(principal, 'deploy', repositoryKey, path);
    return true;
  } catch (error) {
    if (isBulkheadError(error, 'FORBIDDEN') || isBulkheadError(error, 'AUTHENTICATION_REQUIRED')) return false;
    throw error;
  }
}
