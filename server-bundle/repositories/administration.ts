import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Session, Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { forgetRepository } from '../metadata/access/permission-targets.ts';
import { committed } from '../metadata/committed.ts';
import { deleteBelow } from '../metadata/folders.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import { deleteRepository, findRepository, findSimilarKey, insertRepository, updateRepository } from '../metadata/repositories.ts';
import { authorize, requireAdmin } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { changedRepository, newRepository } from './configuration.ts';
import { repositoryNotFound, withFormat } from './repository.ts';
import { together, touchedByFolder } from './touched.ts';

/** @throws REPOSITORY_EXISTS (keys are compared without regard to case) */
export async function createRepository(session: Session, principal: Principal, key: string, json: unknown): Promise<void> {
  requireAdmin(principal);
  const repository = newRepository(key, json);
  // absence is never cached; which repositories there are decides about rights
  await session.coherence.change({ keys: [cacheKeys.accessModel()] }, () => committed(session, async (trx) => {
    const similar = await findSimilarKey(trx, key);
    const inserted = similar === undefined ? await insertRepository(trx, repository, principal.name) : undefined;
    if (inserted === undefined) throw new BulkheadError('REPOSITORY_EXISTS', `There is a repository '${similar ?? key}' already`);
    await session.events.publish({
      type: 'repository.changed', message: `${principal.name} created the repository ${key}`, detail: { key, change: 'created', by: principal.name },
    }, trx);
  }));
}

/** @throws REPOSITORY_NOT_FOUND */
export async function changeRepository(session: Session, principal: Principal, key: string, json: unknown): Promise<void> {
  authorize(principal, 'manage', key, null);
  const before = await findRepository(session.db, key);
  if (before === undefined) throw repositoryNotFound(key);
  await session.coherence.change(touchedByConfiguration(before.id, key), () => committed(session, async (trx) => {
    // waits for deploys under way and keeps new ones out: each was checked against one configuration
    await lockPaths(trx, [{ repositoryId: before.id, path: '' }]);
    const present = await findRepository(trx, key);
    if (present?.id !== before.id) throw repositoryNotFound(key);
    await updateRepository(trx, changedRepository(withFormat(present), json));
    await session.events.publish({
      type: 'repository.changed', message: `${principal.name} changed the repository ${key}`, detail: { key, change: 'updated', by: principal.name },
    }, trx);
  }));
}

/** Removes a repository and everything in it; the bytes are left to the collector. @throws REPOSITORY_NOT_FOUND */
export async function removeRepository(session: Session, principal: Principal, key: string): Promise<void> {
  requireAdmin(principal);
  // nobody manages the trash can
  authorize(principal, 'manage', key, null);
  const stored = await findRepository(session.db, key);
  if (stored === undefined) throw repositoryNotFound(key);
  const touched = together([touchedByConfiguration(stored.id, key), touchedByFolder(withFormat(stored), '')]);
  await session.coherence.change(touched, () => committed(session, async (trx) => {
    await lockPaths(trx, [{ repositoryId: stored.id, path: '' }]);
    await deleteBelow(trx, stored.id, '');
    if (!await deleteRepository(trx, stored.id)) throw repositoryNotFound(key);
    await forgetRepository(trx, key);
    await session.events.publish({
      type: 'repository.changed', message: `${principal.name} removed the repository ${key}`, detail: { key, change: 'removed', by: principal.name },
    }, trx);
  }));
}

function touchedByConfiguration(repositoryId: number, key: string): Touched {
  return { keys: [cacheKeys.repository(key), cacheKeys.accessModel()], prefixes: [cacheKeys.mavenMetadataBelow(repositoryId, '')] };
}
