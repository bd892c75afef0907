import type { Reader } from '../cluster/ports.ts';
import type { NewRepository, StoredRepository } from '../metadata/repositories.ts';
import { lockPaths, type ClaimedPath } from '../metadata/path-locks.ts';
import { invalid } from './configuration.ts';
import { virtualOf, type VirtualSettings } from './virtual-settings.ts';
import { withFormat } from './repository.ts';

/** Held by whoever changes who is a member of what: two changes that are right by themselves could close a ring together. */
export const membersLock: ClaimedPath = { repositoryId: 0, path: '' };

export async function lockMembers(trx: Reader): Promise<void> {
  await lockPaths(trx, [membersLock]);
}

/**
 * Holds the members of a virtual repository against what there is.
 * @throws BODY_INVALID when one does not exist, has another package type, or would contain the repository itself; or when nothing can be
 *   deployed to the named member
 */
export function requireMembers(repository: NewRepository, all: readonly StoredRepository[]): void {
  const settings = settingsOf(repository);
  const byKey = new Map(all.map((each) => [each.key, each]));
  for (const key of settings.repositories) {
    const member = byKey.get(key);
    if (member === undefined) throw invalid('repositories', `there is no repository '${key}'`);
    if (member.packageType !== repository.packageType) throw invalid('repositories', `'${key}' is of the package type ${member.packageType}`);
    if (key === repository.key || reaches(member, repository.key, byKey, new Set())) throw invalid('repositories', `'${key}' contains '${repository.key}' itself`);
  }
  const target = settings.defaultDeploymentRepo;
  if (target === '') return;
  if (!settings.repositories.includes(target)) throw invalid('defaultDeploymentRepo', `'${target}' is not a member`);
  if (byKey.get(target)?.rclass !== 'local') throw invalid('defaultDeploymentRepo', `'${target}' is not a local repository`);
}

function reaches(from: StoredRepository, key: string, byKey: ReadonlyMap<string, StoredRepository>, seen: Set<string>): boolean {
  if (from.rclass !== 'virtual' || seen.has(from.key)) return false;
  seen.add(from.key);
  return settingsOf(from).repositories.some((member) => {
    const next = byKey.get(member);
    return member === key || (next !== undefined && reaches(next, key, byKey, seen));
  });
}

/** Virtual repositories that have `key` as a member. */
export function virtualsWith(all: readonly StoredRepository[], key: string): StoredRepository[] {
  return all.filter((each) => each.rclass === 'virtual' && settingsOf(each).repositories.includes(key));
}

export function withoutMember(stored: StoredRepository, key: string): StoredRepository {
  const { repositories, defaultDeploymentRepo, ...rest } = settingsOf(stored);
  const virtual: VirtualSettings = {
    ...rest, repositories: repositories.filter((member) => member !== key), defaultDeploymentRepo: defaultDeploymentRepo === key ? '' : defaultDeploymentRepo,
  };
  return { ...stored, config: { ...withFormat(stored).config, ...virtual } };
}

function settingsOf({ config }: { readonly config: unknown }): VirtualSettings {
  return virtualOf({ config: config as Record<string, unknown> });
}
