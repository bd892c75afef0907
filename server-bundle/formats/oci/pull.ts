import { createHash } from 'node:crypto';
import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import { findFile } from '../../metadata/artifacts.ts';
import { noteBlobUse } from '../../metadata/oci-content.ts';
import { resolve, type Resolved } from '../../repositories/resolve.ts';
import { bytesOf } from '../../repositories/upstream/obtain.ts';
import { virtualOf } from '../../repositories/virtual-settings.ts';
import { authorize } from '../../security/authorize.ts';
import { recognizeManifest } from './manifest.ts';
import { isImageType, isIndexType } from './media-types.ts';
import { mountFound } from './mount.ts';
import type { Digest, Reference } from './names.ts';
import { blobPath, referencePath } from './paths.ts';
import { registryRepository, type Registry, type Scope } from './registry.ts';

export type Found = Exclude<Resolved, { kind: 'nothing' }>;

/** A blob or manifest that was found. */
export interface Pulled {
  readonly found: Found;
  /** instead of what it is kept under */
  readonly mediaType?: string;
  /** as it was asked for; the SHA-256 where it was asked for by tag */
  readonly digest: string;
}

/** "Pulling blobs". @throws BLOB_UNKNOWN */
export async function pullBlob(registry: Registry, scope: Scope, digest: Digest): Promise<Pulled> {
  const found = await find(registry, scope, blobPath(scope.name, digest), false);
  if (found === null) throw blobUnknown(digest);
  return { found, digest: digest.text };
}

/** "Pulling manifests". What comes from upstream is waited for: it is small, and its digest is part of the answer. @throws MANIFEST_UNKNOWN */
export async function pullManifest(registry: Registry, scope: Scope, reference: Reference | null, asked: string): Promise<Pulled> {
  const found = reference === null ? null : await find(registry, scope, referencePath(scope.name, reference), true);
  if (found === null) throw new BulkheadError('MANIFEST_UNKNOWN', undefined, { details: { reference: asked.slice(0, 200) } });
  const whole = found.kind === 'arriving' ? await arrived(registry, found) : found;
  const digest = reference?.kind === 'digest' ? reference.digest.text : `sha256:${sha256Of(whole)}`;
  const kept = whole.kind === 'file' ? whole.file.mimeType : whole.mimeType;
  if (isImageType(kept) || isIndexType(kept)) return { found: whole, mediaType: kept, digest };
  // its type may have been lost on the way here
  return { found: whole, mediaType: recognizeManifest(await manifestBytes(registry, whole))?.mediaType ?? kept, digest };
}

/** All bytes of a manifest. */
export async function manifestBytes({ content }: Registry, found: Found): Promise<Buffer> {
  return found.kind === 'text' ? found.content.bytes : bytesOf(content, found.repository, found);
}

/**
 * "Checking if content exists": whoever may push builds on the answer, so the blob has to be where a push would go, counts as used from now
 * on, and its bytes are looked for. Where they are gone the client has to bring them again.
 * @throws BLOB_UNKNOWN
 */
export async function headBlob(registry: Registry, scope: Scope, digest: Digest): Promise<Pulled> {
  const pulled = await pullBlob(registry, scope, digest);
  const repository = await registryRepository(registry, scope.repositoryKey);
  const target = repository.rclass === 'virtual' ? virtualOf(repository).defaultDeploymentRepo : repository.key;
  if (repository.rclass === 'remote' || target === '' || !mayDeploy(scope, blobPath(scope.name, digest))) return pulled;
  const isThere = await holdForPush(registry, { ...scope, repositoryKey: target }, digest)
    // another member has it: what is pushed next needs it in this one
    || (pulled.found.kind === 'file' && await mountFound(registry, { ...scope, repositoryKey: target }, digest, pulled.found.file.blob.sha256) !== null);
  if (!isThere) throw blobUnknown(digest);
  return pulled;
}

async function holdForPush(registry: Registry, { repositoryKey, name }: Scope, digest: Digest): Promise<boolean> {
  const { session, filestore } = registry.content;
  const path = blobPath(name, digest);
  const { id } = await registryRepository(registry, repositoryKey);
  if (!await noteBlobUse(session.db, id, path)) return false;
  const file = await findFile(session.db, id, path);
  return file !== undefined && await filestore.stat(file.blob) !== null;
}

async function find(registry: Registry, { principal, repositoryKey }: Scope, path: string, whole: boolean): Promise<Found | null> {
  authorize(principal, 'read', repositoryKey, path);
  await registryRepository(registry, repositoryKey);
  const found = await resolve(registry.content, principal, repositoryKey, path, { whole });
  return found.kind === 'nothing' ? null : found;
}

/** Of a repository that keeps nothing. */
async function arrived({ content }: Registry, found: Extract<Found, { kind: 'arriving' }>): Promise<Extract<Found, { kind: 'text' }>> {
  const { mimeType, modifiedAt } = found.arrival.head;
  const bytes = await bytesOf(content, found.repository, found);
  return { kind: 'text', repository: found.repository, mimeType, stale: false, content: { bytes, modifiedAt: modifiedAt ?? new Date() } };
}

function sha256Of(found: Extract<Found, { kind: 'file' | 'text' }>): string {
  return found.kind === 'file' ? found.file.blob.sha256 : createHash('sha256').update(found.content.bytes).digest('hex');
}

function blobUnknown(digest: Digest): BulkheadError {
  return new BulkheadError('BLOB_UNKNOWN', undefined, { details: { digest: digest.text } });
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
