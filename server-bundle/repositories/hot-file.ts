import { cacheKeys } from '../cluster/cache-keys.ts';
import type { PeekKey } from '../cluster/ports.ts';
import type { StoredFile } from '../metadata/artifacts.ts';
import { allows, type Rights } from '../security/permissions/rights.ts';
import type { BlobMemory } from './blob-memory.ts';
import { acceptsPath, type Repository } from './repository.ts';
import { sidecarOf } from './sidecar.ts';
import { verdictOf, type RemoteState } from './upstream/remote-state.ts';

/** A file whose answer needs nothing but memory. */
export interface HotFile {
  readonly file: StoredFile;
  readonly bytes: Buffer;
}

/**
 * What `resolve` and `readBlob` find at the path of a file for somebody with these rights, by memory alone and without waiting. Undefined for everything else (computed
 * documents, virtual repositories, what is not cached, what may not be read): the long way knows the answer.
 */
export function hotFile(peek: PeekKey, memory: BlobMemory, rights: Rights, repositoryKey: string, path: string): HotFile | undefined {
  const repository = peek<Repository>(cacheKeys.repository(repositoryKey));
  if (repository === undefined || !acceptsPath(repository, path) || sidecarOf(path) !== null || isMade(repository, path)) return undefined;
  const file = peek<StoredFile>(cacheKeys.artifact(repository.id, path));
  if (file === undefined || !allows(rights, 'read', repositoryKey, path)) return undefined;
  if (repository.rclass === 'remote' && !isFresh(peek, repository, path, file)) return undefined;
  if (!memory.takes(file.blob.size)) return undefined;
  const bytes = memory.get(file.blob.sha256);
  return bytes === undefined ? undefined : { file, bytes };
}

/** Whether something else than a stored file may be answered there. */
function isMade(repository: Repository, path: string): boolean {
  const { rclass, format } = repository;
  if (rclass !== 'local' && rclass !== 'remote') return true;
  return format.computed(repository, path) !== null || (rclass === 'remote' && format.remote?.document !== undefined && format.remote.sourceOf?.(path) !== undefined);
}

function isFresh(peek: PeekKey, repository: Repository, path: string, file: StoredFile): boolean {
  const entry = peek<NonNullable<RemoteState['entry']>>(cacheKeys.upstream(repository.id, path));
  return entry !== undefined && verdictOf(repository, { file, entry }) === 'fresh';
}
