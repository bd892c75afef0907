import type { Reader } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { findPathConflict } from '../metadata/folders.ts';
import { findRepository } from '../metadata/repositories.ts';
import type { Repository } from './repository.ts';
import { repositoryNotFound } from './repository.ts';

/** The repository is not any more what the request was checked against; the change is to be tried from the start. */
export class RepositoryChanged extends Error {}

/** Inside a transaction that holds the path's locks: the configuration that was checked is the one that is in force. */
export async function requireUnchanged(trx: Reader, repository: Repository): Promise<void> {
  const present = await findRepository(trx, repository.key);
  if (present === undefined) throw repositoryNotFound(repository.key);
  if (present.id !== repository.id || present.generation !== repository.generation) throw new RepositoryChanged();
}

/** Inside a transaction that holds the path's locks. @throws PATH_CONFLICT */
export async function requireRoom(trx: Reader, repository: Repository, path: string): Promise<void> {
  const conflict = await findPathConflict(trx, repository.id, path);
  if (conflict === undefined) return;
  throw pathConflict(repository, path, conflict);
}

export function pathConflict(repository: Repository, path: string, conflict: string): BulkheadError {
  return new BulkheadError('PATH_CONFLICT', `${repository.key}/${path} cannot be there beside ${repository.key}/${conflict}`,
    { details: { path, conflict } });
}

/** Runs a change again when the repository's configuration changed under it. */
export async function whileRepositoryChanges<T>(change: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await change();
    } catch (error) {
      if (!(error instanceof RepositoryChanged)) throw error;
      if (attempt === 5) throw new BulkheadError('OVERLOADED', 'The repository changes too often to work with it');
    }
  }
}
