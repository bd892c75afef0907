import { BulkheadError } from '../../../contract/index.ts';
import type { Content } from '../../../repositories/content.ts';
import { deploymentKey } from '../../../repositories/members.ts';
import type { Repository } from '../../../repositories/repository.ts';
import { readRepositoryOf } from '../../../repositories/require-format.ts';
import { isOldPackageName, isPackageName } from '../names.ts';

/** @throws REPOSITORY_NOT_FOUND when it is not there, or of another package type */
export function npmRepository(content: Content, key: string): Promise<Repository> {
  return readRepositoryOf(content, key, 'npm');
}

/**
 * The local repository that takes what is published to `key`: itself, or the deployment repository of a virtual one.
 * @throws REPOSITORY_NOT_FOUND, REPOSITORY_READ_ONLY
 */
export async function publishTarget(content: Content, key: string): Promise<Repository> {
  await npmRepository(content, key);
  return npmRepository(content, await deploymentKey(content.session.coherence.read, key));
}

/** @throws PACKAGE_INVALID when no package can have this name */
export function requirePackageName(name: string, isNew: boolean): void {
  if (isNew ? isPackageName(name) : isOldPackageName(name)) return;
  throw new BulkheadError('PACKAGE_INVALID', `'${name.slice(0, 250)}' is not a valid package name`, { hint: 'See https://docs.npmjs.com/cli/configuring-npm/package-json#name for the rules.' });
}

export function packageNotFound(name: string): BulkheadError {
  return new BulkheadError('ARTIFACT_NOT_FOUND', `There is no package '${name}' in this registry`);
}
