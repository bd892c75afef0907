import type { ReadKey } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { mayRead } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { acceptsPath, findRepositoryIn, readRepository, type Repository } from './repository.ts';
import { virtualOf } from './virtual-settings.ts';

/**
 * The local and remote repositories behind a repository that may answer for a path, in the order of resolution: local ones before remote
 * ones, otherwise as they are named. A member that does not accept the path, or that the principal may not read, is left out.
 */
export async function membersFor(read: ReadKey, principal: Principal, repository: Repository, path: string): Promise<Repository[]> {
  const found = new Map<number, Repository>();
  await collect(read, repository, (each) => acceptsPath(each, path), found, new Set());
  return inOrder([...found.values()].filter((member) => member.id === repository.id || mayRead(principal, member.key, path)));
}

/** The local and remote repositories behind a repository, in the order of resolution: for lists, whose entries are to be filtered. */
export async function allMembers(read: ReadKey, repository: Repository): Promise<Repository[]> {
  const found = new Map<number, Repository>();
  await collect(read, repository, () => true, found, new Set());
  return inOrder([...found.values()]);
}

/** A repository with content of its own, as one that was asked gives it. */
export interface ShownMember {
  readonly member: Repository;
  /** whether the patterns of the member, of the one that was asked, and of those in between let a path through */
  readonly shows: (path: string) => boolean;
}

/** The same with what each of them is let through for: a virtual repository in a virtual one keeps out what it does when it is asked itself. */
export async function shownMembers(read: ReadKey, asked: Repository): Promise<ShownMember[]> {
  const holders = new Map<number, Repository[]>();
  const found = new Map<number, Repository>();
  await collect(read, asked, () => true, found, new Set(), (member, holder) => { holders.set(member.id, [...holders.get(member.id) ?? [], holder]); });
  const isReached = (from: Repository, path: string, seen: Set<number>): boolean => {
    if (seen.has(from.id) || !acceptsPath(from, path)) return false;
    seen.add(from.id);
    return from.id === asked.id || (holders.get(from.id) ?? []).some((holder) => isReached(holder, path, seen));
  };
  return inOrder([...found.values()]).map((member) => ({ member, shows: (path) => isReached(member, path, new Set()) }));
}

function inOrder(members: readonly Repository[]): Repository[] {
  return [...members.filter(({ rclass }) => rclass !== 'remote'), ...members.filter(({ rclass }) => rclass === 'remote')];
}

async function collect(
  read: ReadKey, repository: Repository, accepts: (repository: Repository) => boolean, found: Map<number, Repository>, seen: Set<number>,
  met: (member: Repository, holder: Repository) => void = () => undefined,
): Promise<void> {
  if (seen.has(repository.id) || !accepts(repository)) return;
  seen.add(repository.id);
  if (repository.rclass !== 'virtual') {
    found.set(repository.id, repository);
    return;
  }
  for (const key of virtualOf(repository).repositories) {
    const member = await findRepositoryIn(read, key);
    if (member?.packageType !== repository.packageType) continue;
    met(member, repository);
    await collect(read, member, accepts, found, seen, met);
  }
}

/**
 * The key of the repository that takes what is deployed to `key`: itself, or the deployment repository of a virtual one.
 * @throws REPOSITORY_NOT_FOUND, REPOSITORY_READ_ONLY for a remote repository, and for a virtual one that names none
 */
export async function deploymentKey(read: ReadKey, key: string): Promise<string> {
  const repository = await readRepository(read, key);
  if (repository.rclass !== 'remote' && repository.rclass !== 'virtual') return key;
  const target = repository.rclass === 'virtual' ? virtualOf(repository).defaultDeploymentRepo : '';
  if (target === '') {
    throw new BulkheadError('REPOSITORY_READ_ONLY', repository.rclass === 'remote'
      ? `'${key}' stands in for a repository elsewhere: nothing can be deployed to it`
      : `'${key}' is virtual and names no repository for what is deployed to it (defaultDeploymentRepo)`);
  }
  return target;
}
