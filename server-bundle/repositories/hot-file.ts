import { cacheKeys } from '../cluster/cache-keys.ts';
import type { CacheKey, PeekKey } from '../cluster/ports.ts';
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

/** What a repository, as it is configured at present, makes of a path. */
interface Within {
  readonly repository: Repository;
  readonly artifactEntry: CacheKey;
  readonly holdsFiles: boolean;
}

/**
 * One path of a repository, as it is asked for again and again. What depends on nothing but the path and a cached answer is kept with that answer: another one is another
 * object, so that comparing the reference is enough, and nothing here has to be invalidated.
 */
export class HotPlace {
  readonly repositoryKey: string;
  readonly path: string;
  readonly #repositoryEntry: CacheKey;
  readonly #isSidecar: boolean;
  #in: Within | undefined;

  constructor(repositoryKey: string, path: string) {
    this.repositoryKey = repositoryKey;
    this.path = path;
    this.#repositoryEntry = cacheKeys.repository(repositoryKey);
    this.#isSidecar = sidecarOf(path) !== null;
  }

  /**
   * What `resolve` and `readBlob` find there for somebody with these rights, by memory alone and without waiting. Undefined for everything else (computed
   * documents, virtual repositories, what is not cached, what may not be read): the long way knows the answer.
   */
  find(peek: PeekKey, memory: BlobMemory, rights: Rights): HotFile | undefined {
    const repository = this.#isSidecar ? undefined : peek<Repository>(this.#repositoryEntry);
    if (repository === undefined) return undefined;
    const { artifactEntry, holdsFiles } = this.#within(repository);
    const file = holdsFiles ? peek<StoredFile>(artifactEntry) : undefined;
    if (file === undefined || !this.#mayRead(rights)) return undefined;
    if (repository.rclass === 'remote' && !isFresh(peek, repository, this.path, file)) return undefined;
    if (!memory.takes(file.blob.size)) return undefined;
    const bytes = memory.get(file.blob.sha256);
    return bytes?.length === file.blob.size ? { file, bytes } : undefined;
  }

  #within(repository: Repository): Within {
    if (this.#in?.repository === repository) return this.#in;
    return this.#in = {
      repository, artifactEntry: cacheKeys.artifact(repository.id, this.path), holdsFiles: acceptsPath(repository, this.path) && !isMade(repository, this.path),
    };
  }

  #mayRead(rights: Rights): boolean {
    let decided = decisions.get(rights);
    if (decided === undefined || decided.count >= mostDecisions) decisions.set(rights, decided = { places: new WeakMap(), count: 0 });
    let allowed = decided.places.get(this);
    if (allowed === undefined) {
      decided.places.set(this, allowed = allows(rights, 'read', this.repositoryKey, this.path));
      decided.count += 1;
    }
    return allowed;
  }
}

/** Who may read where. They go with the rights: a place that nobody asks for again must not keep an access model that was replaced long ago. */
const decisions = new WeakMap<Rights, Decided>();

interface Decided {
  readonly places: WeakMap<HotPlace, boolean>;
  count: number;
}

/** So many are kept for each who asks, or thousands of places times hundreds of users would be. Then they begin anew. */
const mostDecisions = 1024;

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
