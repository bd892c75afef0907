import { BulkheadError } from '../contract/index.ts';
import type { Content } from './content.ts';
import { readRepository, type Repository } from './repository.ts';

/**
 * The repository of a call that belongs to one format's clients.
 * @throws REPOSITORY_NOT_FOUND, also for a repository of another package type
 */
export async function readRepositoryOf(content: Content, key: string, packageType: string): Promise<Repository> {
  const repository = await readRepository(content.session.coherence.read, key);
  if (repository.packageType === packageType) return repository;
  throw new BulkheadError('REPOSITORY_NOT_FOUND', `The repository '${key}' holds packages of the type ${repository.packageType}, not ${packageType}`);
}
