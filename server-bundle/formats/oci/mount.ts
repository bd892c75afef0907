import { isBulkheadError } from '../../contract/index.ts';
import { findFile, referencesTo } from '../../metadata/artifacts.ts';
import { findLiveBlob } from '../../metadata/blobs.ts';
import { listRepositories } from '../../metadata/repositories.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import { deployByChecksum } from '../../repositories/deploy.ts';
import { authorize } from '../../security/authorize.ts';
import { isName, type Digest } from './names.ts';
import { blobPath, placeOf } from './paths.ts';
import { blobCreated } from './place-content.ts';
import { registryRepository, type Registry, type Scope } from './registry.ts';

/** How many places of a blob are looked at, at most, for one that the client may read. */
const placesLookedAt = 200;

/**
 * "Mounting a blob from another repository". A mount that is not possible is no error: the client uploads then.
 * @param from name as the client writes it; null: from wherever it may be read
 * @returns null when there is nothing to mount
 */
export async function mountBlob(registry: Registry, scope: Scope, digest: Digest, from: string | null): Promise<RecordedAnswer | null> {
  const { principal, repositoryKey, name } = scope;
  authorize(principal, 'deploy', repositoryKey, blobPath(name, digest));
  await registryRepository(registry, repositoryKey);
  const sha256 = from === null ? await readableAnywhere(registry, scope, digest) : await readableAt(registry, scope, digest, from);
  return sha256 === null ? null : mountFound(registry, scope, digest, sha256);
}

/** Puts content that the client may read under the name; null when its bytes are not there any more. */
export async function mountFound(registry: Registry, scope: Scope, digest: Digest, sha256: string): Promise<RecordedAnswer | null> {
  const { principal, repositoryKey, name, replayKey } = scope;
  try {
    return await deployByChecksum(registry.content, {
      principal, repositoryKey, replayKey, path: blobPath(name, digest),
      declared: { md5: null, sha1: null, sha256 },
      packaging: { facts: null, mimeType: 'application/octet-stream', answer: () => blobCreated(scope, digest) },
    });
  } catch (error) {
    // given up meanwhile, or its file is gone: the upload that follows brings it back
    if (isBulkheadError(error, 'CHECKSUM_UNKNOWN')) return null;
    throw error;
  }
}

/** The SHA-256 of the blob at `from`; null when it is not there, or may not be read. */
async function readableAt(registry: Registry, scope: Scope, digest: Digest, from: string): Promise<string | null> {
  // below /v2/ the repository's key is the first part of every name
  const anywhere = scope.prefix.startsWith('/v2/');
  const slash = from.indexOf('/');
  const repositoryKey = anywhere ? from.slice(0, Math.max(0, slash)) : scope.repositoryKey;
  const name = anywhere ? from.slice(slash + 1) : from;
  if (repositoryKey === '' || !isName(name)) return null;
  const path = blobPath(name, digest);
  try {
    authorize(scope.principal, 'read', repositoryKey, path);
    const repository = await registryRepository(registry, repositoryKey);
    return (await findFile(registry.content.session.db, repository.id, path))?.blob.sha256 ?? null;
  } catch (error) {
    if (isBulkheadError(error, 'FORBIDDEN') || isBulkheadError(error, 'NAME_UNKNOWN') || isBulkheadError(error, 'AUTHENTICATION_REQUIRED')) return null;
    throw error;
  }
}

/** "Mounting … without `from`": any place at which the client may read a blob with this digest. */
async function readableAnywhere({ content }: Registry, { principal }: Scope, digest: Digest): Promise<string | null> {
  if (digest.algorithm !== 'sha256') return null;
  const { db } = content.session;
  const blob = await findLiveBlob(db, 'sha256', digest.hex);
  if (blob === undefined) return null;
  const keys = new Map((await listRepositories(db)).map(({ id, key }) => [id, key]));
  const places = (await referencesTo(db, blob.id)).filter(({ path }) => placeOf(path)?.kind === 'blob').slice(0, placesLookedAt);
  return places.some(({ repositoryId, path }) => mayRead(principal, keys.get(repositoryId), path)) ? blob.sha256 : null;
}

function mayRead(principal: Scope['principal'], key: string | undefined, path: string): boolean {
  if (key === undefined) return false;
  try {
    authorize(principal, 'read', key, path);
    return true;
  } catch (error) {
    if (isBulkheadError(error, 'FORBIDDEN') || isBulkheadError(error, 'AUTHENTICATION_REQUIRED')) return false;
    throw error;
  }
}
