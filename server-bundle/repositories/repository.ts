import { cacheKeys } from '../cluster/cache-keys.ts';
import type { ReadKey } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { findFormat, type Format } from '../formats/index.ts';
import { findRepository, type StoredRepository } from '../metadata/repositories.ts';

/** A repository with the format that its package type names. */
export interface Repository extends StoredRepository {
  readonly config: Readonly<Record<string, unknown>>;
  readonly format: Format;
}

/** @throws INTERNAL for a package type that this version does not know */
export function withFormat(stored: StoredRepository): Repository {
  const format = findFormat(stored.packageType);
  if (format === undefined) throw new BulkheadError('INTERNAL', `This version does not know the package type of ${stored.key}`);
  return { ...stored, config: (stored.config ?? {}) as Record<string, unknown>, format };
}

/** @throws REPOSITORY_NOT_FOUND */
export async function readRepository(read: ReadKey, key: string): Promise<Repository> {
  const repository = await read(cacheKeys.repository(key), async (db) => {
    const stored = await findRepository(db, key);
    return stored === undefined ? undefined : withFormat(stored);
  });
  if (repository === undefined) throw repositoryNotFound(key);
  return repository;
}

export function repositoryNotFound(key: string): BulkheadError {
  return new BulkheadError('REPOSITORY_NOT_FOUND', `The repository '${key}' does not exist`);
}
