import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { ReadKey } from '../../cluster/ports.ts';
import { readAccessRows, type AccessRows, type TargetRow } from '../../metadata/access/access-model.ts';
import type { Action } from '../principal.ts';
import { pathPattern, type PathPattern } from './path-pattern.ts';

/** What stands for many repositories in a permission target, as in Artifactory. */
export const anyRepository = 'ANY';
export const anyLocal = 'ANY LOCAL';
export const anyRemote = 'ANY REMOTE';

/** Key of the remote repository that keeps what lies under `X-cache`, in Artifactory's words; undefined for any other key. */
export function cachedKey(key: string): string | undefined {
  return key.endsWith('-cache') ? key.slice(0, -'-cache'.length) : undefined;
}

/** The key of the repository that is meant by one in an address. */
export function meantKey({ repositories }: Pick<AccessModel, 'repositories'>, key: string): string {
  const cached = repositories.has(key) ? undefined : cachedKey(key);
  return cached !== undefined && repositories.get(cached)?.rclass === 'remote' ? cached : key;
}

export interface KnownRepository {
  readonly rclass: string;
  /** of a virtual repository, in their order; empty for others */
  readonly members: readonly string[];
  /** where a virtual repository puts what is deployed to it */
  readonly deploysTo: string | null;
}

export interface CompiledTarget {
  readonly name: string;
  readonly includes: readonly PathPattern[];
  readonly excludes: readonly PathPattern[];
  /** whether the target speaks about a repository */
  names(key: string, rclass: string | undefined): boolean;
}

export interface TargetGrant {
  readonly target: string;
  readonly actions: readonly Action[];
}

/** Groups, permission targets and repositories, ready to decide with. One cached answer: every change of any of them prepares its key. */
export interface AccessModel {
  readonly adminGroups: ReadonlySet<string>;
  readonly groups: ReadonlySet<string>;
  readonly targets: ReadonlyMap<string, CompiledTarget>;
  readonly grantsOfGroup: ReadonlyMap<string, readonly TargetGrant[]>;
  readonly anonymousGrants: readonly TargetGrant[];
  readonly repositories: ReadonlyMap<string, KnownRepository>;
}

/** Hot requests get it from memory. */
export async function readAccessModel(read: ReadKey): Promise<AccessModel> {
  return await read(cacheKeys.accessModel(), async (db) => compileModel(await readAccessRows(db))) ?? emptyModel;
}

export function compileModel({ groups, targets, grants, repositories }: AccessRows): AccessModel {
  const grantsOfGroup = new Map<string, TargetGrant[]>();
  const anonymousGrants: TargetGrant[] = [];
  for (const { group, ...grant } of grants) {
    if (group === null) anonymousGrants.push(grant);
    else grantsOfGroup.set(group, [...grantsOfGroup.get(group) ?? [], grant]);
  }
  return {
    groups: new Set(groups.map(({ name }) => name)),
    adminGroups: new Set(groups.filter(({ adminPrivileges }) => adminPrivileges).map(({ name }) => name)),
    targets: new Map(targets.map((row) => [row.name, compileTarget(row)])),
    grantsOfGroup, anonymousGrants,
    repositories: new Map(repositories.map(({ key, rclass, config }) => [key, knownRepository(rclass, config)])),
  };
}

export const emptyModel: AccessModel = compileModel({ groups: [], targets: [], grants: [], repositories: [] });

export function compileTarget({ name, repositories, includes, excludes }: TargetRow): CompiledTarget {
  const keys = new Set(repositories);
  return {
    name,
    includes: (includes.length === 0 ? ['**'] : includes).map(pathPattern),
    excludes: excludes.map(pathPattern),
    names: (key, rclass) => keys.has(anyRepository) || keys.has(key)
      || (rclass === 'local' && keys.has(anyLocal)) || (rclass === 'remote' && keys.has(anyRemote)),
  };
}

/** The fields of a virtual repository's configuration, as Artifactory names them. */
function knownRepository(rclass: string, config: unknown): KnownRepository {
  const { repositories, defaultDeploymentRepo } = (typeof config === 'object' && config !== null ? config : {}) as Record<string, unknown>;
  return {
    rclass,
    members: Array.isArray(repositories) ? repositories.filter((key): key is string => typeof key === 'string') : [],
    deploysTo: typeof defaultDeploymentRepo === 'string' && defaultDeploymentRepo !== '' ? defaultDeploymentRepo : null,
  };
}
