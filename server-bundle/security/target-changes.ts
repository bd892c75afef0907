import type { Transaction } from 'kysely';
import type { Session } from '../cluster/ports.ts';
import type { Database } from '../metadata/schema.ts';
import { BulkheadError } from '../contract/index.ts';
import { unknownGroups, unknownRepositories, unknownUsers } from '../metadata/access/groups.ts';
import { deletePermissionTarget, findPermissionTarget, putPermissionTarget, type Grantee, type PermissionTarget } from '../metadata/access/permission-targets.ts';
import { managesTarget, requireAdmin } from './authorize.ts';
import { anyLocal, anyRemote, anyRepository } from './permissions/access-model.ts';
import type { Principal } from './principal.ts';
import { changeRights, requireKnown } from './rights-changed.ts';

const placeholders: ReadonlySet<string> = new Set([anyRepository, anyLocal, anyRemote]);

/**
 * Creates the target or replaces all of it: administrators. Who has `manage` by the target itself may change to whom it gives what, and nothing else of it.
 * @param existing `refuse`: only a new one is wanted
 * @returns whether it is new
 * @throws FORBIDDEN, BODY_INVALID for users, groups and repositories that are not there, PERMISSION_TARGET_EXISTS
 */
export async function putTarget(session: Session, by: Principal, target: PermissionTarget, existing: 'replace' | 'refuse' = 'replace'): Promise<boolean> {
  const manager = by.role !== 'admin' && managesTarget(by, target.name);
  if (!manager) requireAdmin(by);
  return changeRights(session, { message: `${by.name} put the permission target ${target.name}`, detail: { target: target.name, by: by.name } }, async (trx) => {
    const present = await findPermissionTarget(trx, target.name);
    if (present !== undefined && existing === 'refuse') throw new BulkheadError('PERMISSION_TARGET_EXISTS', `There is a permission target ${target.name} already`);
    if (manager && (present === undefined || scopeOf(present) !== scopeOf(target))) {
      throw new BulkheadError('FORBIDDEN', `${by.name} may change to whom ${target.name} gives rights, but not where`);
    }
    const named = (kind: 'user' | 'group'): string[] => target.grants.flatMap(({ to }) => (to.kind === kind ? [to.name] : []));
    requireKnown('users', 'user', await unknownUsers(trx, named('user')));
    requireKnown('groups', 'group', await unknownGroups(trx, named('group')));
    return putPermissionTarget(trx, { ...target, repositories: await knownKeys(trx, target.repositories) });
  });
}

/** `X-cache`, which is Artifactory's name for what the remote repository `X` keeps, is `X`. @throws BODY_INVALID for keys that no repository has */
async function knownKeys(trx: Transaction<Database>, repositories: readonly string[]): Promise<string[]> {
  const unknown = await unknownRepositories(trx, repositories.filter((key) => !placeholders.has(key)));
  const keys = repositories.map((key) => (unknown.includes(key) ? key.replace(/-cache$/, '') : key));
  requireKnown('repositories', 'repository', await unknownRepositories(trx, keys.filter((key) => !placeholders.has(key))));
  return [...new Set(keys)];
}

/** @throws PERMISSION_TARGET_NOT_FOUND */
export async function removeTarget(session: Session, by: Principal, name: string): Promise<void> {
  requireAdmin(by);
  await changeRights(session, { message: `${by.name} removed the permission target ${name}`, detail: { target: name, by: by.name } }, async (trx) => {
    if (!await deletePermissionTarget(trx, name)) throw targetNotFound(name);
  });
}

export function targetNotFound(name: string): BulkheadError {
  return new BulkheadError('PERMISSION_TARGET_NOT_FOUND', `There is no permission target ${name}`);
}

/** What requests without credentials are called where users are named. */
export function granteeOfUser(name: string): Grantee {
  return name === 'anonymous' ? { kind: 'anonymous' } : { kind: 'user', name };
}

function scopeOf({ repositories, includes, excludes }: PermissionTarget): string {
  return JSON.stringify([[...repositories].sort(), [...includes].sort(), [...excludes].sort()]);
}
