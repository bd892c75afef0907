import { cacheKeys } from '../cluster/cache-keys.ts';
import type { ReadKey } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { findFormat, type Format } from '../formats/index.ts';
import { findRepository, type StoredRepository } from '../metadata/repositories.ts';
import { cachedKey } from '../security/permissions/access-model.ts';
import { folderFilter, pathFilter, type PathFilter } from './path-patterns.ts';

/** `local`: files that were deployed to it; `remote`: stands in for a repository elsewhere and keeps what it fetched; `virtual`: several others under one address; `trash`: what was deleted. */
export type RepositoryClass = (typeof classes)[number];

const classes = ['local', 'remote', 'virtual', 'trash'] as const;

/** A repository with the format that its package type names. */
export interface Repository extends StoredRepository {
  readonly rclass: RepositoryClass;
  readonly config: Readonly<Record<string, unknown>>;
  readonly format: Format;
}

/** @throws INTERNAL for a package type or a class that this version does not know */
export function withFormat(stored: StoredRepository): Repository {
  const format = findFormat(stored.packageType);
  const rclass = classes.find((known) => known === stored.rclass);
  if (format === undefined || rclass === undefined) {
    throw new BulkheadError('INTERNAL', `This version does not know the package type or the class of ${stored.key}`);
  }
  return { ...stored, rclass, config: (stored.config ?? {}) as Record<string, unknown>, format };
}

/** Undefined when there is none. */
export async function findRepositoryIn(read: ReadKey, key: string): Promise<Repository | undefined> {
  return read(cacheKeys.repository(key), async (db) => {
    const stored = await findRepository(db, key);
    return stored === undefined ? undefined : withFormat(stored);
  });
}

/** By its key, or as Artifactory names what a remote repository keeps. @throws REPOSITORY_NOT_FOUND */
export async function readRepository(read: ReadKey, key: string): Promise<Repository> {
  const repository = await findRepositoryIn(read, key) ?? await findCacheIn(read, key);
  if (repository === undefined) throw repositoryNotFound(key);
  return repository;
}

/** `X-cache`: the remote repository `X` without its upstream, unless another one has that key. */
async function findCacheIn(read: ReadKey, key: string): Promise<Repository | undefined> {
  const cached = cachedKey(key);
  const repository = cached === undefined ? undefined : await findRepositoryIn(read, cached);
  return repository?.rclass === 'remote' ? offline(repository) : undefined;
}

const caches = new WeakMap<Repository, Repository>();

function offline(repository: Repository): Repository {
  let cache = caches.get(repository);
  if (cache === undefined) {
    const { config } = repository;
    caches.set(repository, cache = { ...repository, config: { ...config, remote: { ...config['remote'] as object, offline: true } } });
  }
  return cache;
}

/** Whether a path passes the repository's include and exclude patterns; what does not is not there for readers, and is not taken from writers. */
export function acceptsPath({ config }: Pick<Repository, 'config'>, path: string): boolean {
  if (path === '') return true;
  let filter = filters.get(config);
  if (filter === undefined) filters.set(config, filter = filterOf(config));
  return filter(path);
}

/** The same for a folder that somebody wants to be there (ends in "/"). */
export function acceptsFolder({ config }: Pick<Repository, 'config'>, path: string): boolean {
  const { includesPattern: includes, excludesPattern: excludes } = config;
  return path === '' || folderFilter(typeof includes === 'string' ? includes : '', typeof excludes === 'string' ? excludes : '')(path);
}

/** By the configuration, which is another object when it was changed. */
const filters = new WeakMap<object, PathFilter>();
const everything: PathFilter = () => true;
/** How the patterns for "everything" are written. */
const allPaths: ReadonlySet<unknown> = new Set([undefined, '', '**', '**/*']);

function filterOf({ includesPattern: includes, excludesPattern: excludes }: Readonly<Record<string, unknown>>): PathFilter {
  if (allPaths.has(includes) && (excludes === undefined || excludes === '')) return everything;
  return pathFilter(typeof includes === 'string' ? includes : '', typeof excludes === 'string' ? excludes : '');
}

export function repositoryNotFound(key: string): BulkheadError {
  return new BulkheadError('REPOSITORY_NOT_FOUND', `The repository '${key}' does not exist`);
}
