import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Reader, Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { forgetRepository } from '../metadata/access/permission-targets.ts';
import { committed } from '../metadata/committed.ts';
import { deleteBelow } from '../metadata/folders.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import { forgetUpstream, forgetAllMissing } from '../metadata/upstream-entries.ts';
import {
  deleteRepository, findRepository, findSimilarKey, insertRepository, listRepositories, updateRepository, type NewRepository, type StoredRepository,
} from '../metadata/repositories.ts';
import { authorize, requireAdmin } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { changedRepository, newRepository, reachesFurther } from './configuration.ts';
import type { Content } from './content.ts';
import { lockMembers, membersLock, requireMembers, virtualsWith, withoutMember } from './member-rules.ts';
import { withPasswordResealed } from './remote-settings.ts';
import { repositoryNotFound, withFormat } from './repository.ts';
import { together, touchedByFolder } from './touched.ts';

type Administration = Pick<Content, 'session' | 'clusterKeys'>;

/** @throws REPOSITORY_EXISTS (keys are compared without regard to case), BODY_INVALID */
export async function createRepository({ session, clusterKeys }: Administration, principal: Principal, key: string, json: unknown): Promise<void> {
  requireAdmin(principal);
  const repository = newRepository(key, json, clusterKeys);
  // absence is never cached; which repositories there are decides about rights
  await session.coherence.change({ keys: [cacheKeys.accessModel()] }, () => committed(session, async (trx) => {
    if (repository.rclass === 'virtual') await requireLockedMembers(trx, repository);
    const similar = await findSimilarKey(trx, key);
    const inserted = similar === undefined ? await insertRepository(trx, repository, principal.name) : undefined;
    if (inserted === undefined) throw new BulkheadError('REPOSITORY_EXISTS', `There is a repository '${similar ?? key}' already`);
    await session.events.publish({
      type: 'repository.changed', message: `${principal.name} created the repository ${key}`, detail: { key, change: 'created', by: principal.name },
    }, trx);
  }));
}

/** @throws REPOSITORY_NOT_FOUND, BODY_INVALID */
export async function changeRepository({ session, clusterKeys }: Administration, principal: Principal, key: string, json: unknown): Promise<void> {
  authorize(principal, 'manage', key, null);
  const before = await findRepository(session.db, key);
  if (before === undefined) throw repositoryNotFound(key);
  await session.coherence.change(touchedByConfiguration(before), () => committed(session, async (trx) => {
    if (before.rclass === 'virtual') await lockPaths(trx, [membersLock]);
    // waits for deploys under way and keeps new ones out: each was checked against one configuration
    await lockPaths(trx, [{ repositoryId: before.id, path: '' }]);
    const present = await findRepository(trx, key);
    if (present?.id !== before.id) throw repositoryNotFound(key);
    const changed = changedRepository(withFormat(present), json, clusterKeys);
    if (reachesFurther(changed, present)) requireAdmin(principal);
    if (changed.rclass === 'virtual') await requireLockedMembers(trx, changed);
    if (changed.rclass === 'remote') await forgetAllMissing(trx, changed.id);
    await updateRepository(trx, changed);
    await session.events.publish({
      type: 'repository.changed', message: `${principal.name} changed the repository ${key}`, detail: { key, change: 'updated', by: principal.name },
    }, trx);
  }));
}

/** Seals the password of a remote repository with the present cluster key. Nothing happens when it is that already, or cannot be read. */
export async function resealPassword({ session, clusterKeys }: Administration, stored: StoredRepository): Promise<boolean> {
  return session.coherence.change(touchedByConfiguration(stored), () => committed(session, async (trx) => {
    await lockPaths(trx, [{ repositoryId: stored.id, path: '' }]);
    const present = await findRepository(trx, stored.key);
    const resealed = present?.id === stored.id ? withPasswordResealed(withFormat(present), clusterKeys) : undefined;
    return resealed !== undefined && updateRepository(trx, resealed);
  }));
}

/**
 * Removes a repository and everything in it; the bytes are left to the collector.
 * @param force takes it out of the virtual repositories that it is a member of
 * @throws REPOSITORY_NOT_FOUND, REPOSITORY_IN_USE
 */
export async function removeRepository({ session }: Administration, principal: Principal, key: string, force = false): Promise<void> {
  requireAdmin(principal);
  // nobody manages the trash can
  authorize(principal, 'manage', key, null);
  const stored = await findRepository(session.db, key);
  if (stored === undefined) throw repositoryNotFound(key);
  const holders = virtualsWith(await listRepositories(session.db), key);
  if (!force) requireNoHolders(key, holders);
  const touched = together([touchedByConfiguration(stored), touchedByFolder(withFormat(stored), ''), ...holders.map(touchedByConfiguration)]);
  await session.coherence.change(touched, () => committed(session, async (trx) => {
    await lockPaths(trx, [membersLock]);
    await lockPaths(trx, [{ repositoryId: stored.id, path: '' }]);
    for (const holder of virtualsWith(await listRepositories(trx), key)) {
      // one that has come since was not prepared
      if (!holders.some(({ id }) => id === holder.id)) throw new BulkheadError('REPOSITORY_IN_USE', `'${holder.key}' has just been given '${key}' as a member`);
      await updateRepository(trx, withoutMember(holder, key));
    }
    await deleteBelow(trx, stored.id, '');
    await forgetUpstream(trx, stored.id, '');
    if (!await deleteRepository(trx, stored.id)) throw repositoryNotFound(key);
    await forgetRepository(trx, key);
    await session.events.publish({
      type: 'repository.changed', message: `${principal.name} removed the repository ${key}`, detail: { key, change: 'removed', by: principal.name },
    }, trx);
  }));
}

function requireNoHolders(key: string, holders: readonly StoredRepository[]): void {
  if (holders.length === 0) return;
  const names = holders.map((holder) => holder.key);
  throw new BulkheadError('REPOSITORY_IN_USE', `'${key}' is a member of ${names.join(', ')}`, { details: { virtuals: names } });
}

async function requireLockedMembers(trx: Reader, repository: NewRepository): Promise<void> {
  await lockMembers(trx);
  requireMembers(repository, await listRepositories(trx));
}

function touchedByConfiguration(stored: StoredRepository): Touched {
  const repository = withFormat(stored);
  return together([
    { keys: [cacheKeys.repository(repository.key), cacheKeys.accessModel()], prefixes: [cacheKeys.upstreamBelow(repository.id, '')] },
    repository.format.touchesBelow(repository, ''),
  ]);
}
