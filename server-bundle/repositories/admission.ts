import { BulkheadError } from '../contract/index.ts';
import { acceptsFolder, acceptsPath, type Repository } from './repository.ts';

/**
 * Whether a repository takes a file at a path from a writer.
 * @throws REPOSITORY_READ_ONLY, PATH_EXCLUDED, and what its format has against it
 */
export function admitFile(repository: Repository, path: string): void {
  requireLocal(repository);
  if (!acceptsPath(repository, path)) throw excluded(repository, path);
  repository.format.admit(repository, path);
}

/** The same for a folder (ends in "/"). @throws REPOSITORY_READ_ONLY, PATH_EXCLUDED */
export function admitFolder(repository: Repository, path: string): void {
  requireLocal(repository);
  if (!acceptsFolder(repository, path)) throw excluded(repository, path);
}

function excluded({ key }: Repository, path: string): BulkheadError {
  return new BulkheadError('PATH_EXCLUDED', `The patterns of '${key}' do not accept '${path}'`, { details: { repository: key, path } });
}

/** @throws REPOSITORY_READ_ONLY */
export function requireLocal({ rclass, key }: Repository): void {
  if (rclass !== 'local') throw new BulkheadError('REPOSITORY_READ_ONLY', `'${key}' is a ${rclass} repository: nothing can be written to it`);
}

/** What a remote repository keeps may be deleted; a virtual one holds nothing. @throws REPOSITORY_READ_ONLY */
export function requireRemovable({ rclass, key }: Repository): void {
  if (rclass === 'virtual') throw new BulkheadError('REPOSITORY_READ_ONLY', `'${key}' is virtual and holds nothing itself: delete it in the member that has it`);
}
