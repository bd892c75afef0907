import type { NodeConfig } from '../../config/schema.ts';
import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import type { Content } from '../../repositories/content.ts';
import { readRepository, type Repository } from '../../repositories/repository.ts';
import type { Principal } from '../../security/principal.ts';
import { parseDigest, type Digest } from './names.ts';
import { registryPackageTypes } from './package-types.ts';

/** What every call of the registry leans on. */
export interface Registry {
  readonly content: Content;
  readonly limits: NodeConfig['oci'];
}

/** A name in a repository, and who asks for something under it. */
export interface Scope {
  readonly principal: Principal;
  readonly repositoryKey: string;
  readonly name: string;
  /** what stands before the name in addresses: `/v2/<repository>/`, … */
  readonly prefix: string;
  readonly replayKey: string | null;
}

/** @throws NAME_UNKNOWN when there is no such repository, or it holds something else */
export async function registryRepository({ content }: Registry, key: string): Promise<Repository> {
  const repository = await readRepository(content.session.coherence.read, key).catch((error: unknown) => {
    if (isBulkheadError(error, 'REPOSITORY_NOT_FOUND')) throw nameUnknown(key);
    throw error;
  });
  if (!registryPackageTypes.includes(repository.packageType)) throw nameUnknown(key);
  return repository;
}

export function nameUnknown(name: string): BulkheadError {
  return new BulkheadError('NAME_UNKNOWN', undefined, { details: { name } });
}

/** @throws DIGEST_INVALID */
export function requireDigest(text: string | undefined): Digest {
  const digest = parseDigest(text ?? '');
  if (digest === null) throw new BulkheadError('DIGEST_INVALID', 'The digest is missing or of no known form', { details: { digest: (text ?? '').slice(0, 200) } });
  return digest;
}

/** Address of something below the name; relative, as each balancer and each name that it has is right for it. */
export function located({ prefix, name }: Pick<Scope, 'prefix' | 'name'>, rest: string): string {
  return `${prefix}${name}/${rest}`;
}
