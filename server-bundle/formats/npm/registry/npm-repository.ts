import { BulkheadError } from '../../../contract/index.ts';
import type { Content } from '../../../repositories/content.ts';
import { readRepository, repositoryNotFound, type Repository } from '../../../repositories/repository.ts';
import { isOldPackageName, isPackageName } from '../names.ts';

/** @throws REPOSITORY_NOT_FOUND when it is not there, or of another package type */
export async function npmRepository(content: Content, key: string): Promise<Repository> {
  const repository = await readRepository(content.session.coherence.read, key);
  if (repository.packageType !== 'npm') throw repositoryNotFound(key);
  return repository;
}

/** @throws PACKAGE_INVALID when no package can have this name */
export function requirePackageName(name: string, isNew: boolean): void {
  if (isNew ? isPackageName(name) : isOldPackageName(name)) return;
  throw new BulkheadError('PACKAGE_INVALID', `'${name.slice(0, 250)}' is not a valid package name`, { hint: 'See https://docs.npmjs.com/cli/configuring-npm/package-json#name for the rules.' });
}

export function packageNotFound(name: string): BulkheadError {
  return new BulkheadError('ARTIFACT_NOT_FOUND', `There is no package '${name}' in this registry`);
}
