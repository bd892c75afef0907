import type { Session } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { deleteGroup, findGroup, putGroup as storeGroup, setMembers, unknownUsers, type Group } from '../metadata/access/groups.ts';
import { changeRights, requireKnown } from './rights-changed.ts';

/** What a request wants of a group; what is left out stays (or is the default, for a group that is created or replaced). */
export interface WantedGroup extends Partial<Omit<Group, 'name'>> {
  /** the members, all of them */
  readonly users?: readonly string[] | undefined;
}

/** As in Artifactory: whoever may make accounts would make administrators with them. @throws BODY_INVALID */
function requireSafe(autoJoin: boolean, adminPrivileges: boolean): void {
  if (!autoJoin || !adminPrivileges) return;
  const message = 'new users must not join a group whose members are administrators by themselves';
  throw new BulkheadError('BODY_INVALID', `autoJoin: ${message}`, { details: [{ field: 'autoJoin', message }] });
}

/** Creates the group or replaces it; members stay unless they are named. @returns whether it is new */
export async function putGroup(session: Session, by: string, name: string, wanted: WantedGroup): Promise<boolean> {
  const { description = '', autoJoin = false, adminPrivileges = false, users } = wanted;
  requireSafe(autoJoin, adminPrivileges);
  return changeRights(session, { message: `${by} put the group ${name}`, detail: { group: name, by } }, async (trx) => {
    const created = await storeGroup(trx, { name, description, autoJoin, adminPrivileges });
    if (users !== undefined) {
      requireKnown('userNames', 'user', await unknownUsers(trx, users));
      await setMembers(trx, name, [...new Set(users)]);
    }
    return created;
  });
}

/** Changes what is named and leaves the rest. @throws GROUP_NOT_FOUND */
export async function changeGroup(session: Session, by: string, name: string, wanted: WantedGroup): Promise<void> {
  await changeRights(session, { message: `${by} changed the group ${name}`, detail: { group: name, by } }, async (trx) => {
    const present = await findGroup(trx, name);
    if (present === undefined) throw groupNotFound(name);
    const { description = present.description, autoJoin = present.autoJoin, adminPrivileges = present.adminPrivileges, users } = wanted;
    // one that is both since before this was refused can still be described, filled and changed to be only one of them
    if (wanted.autoJoin === true || wanted.adminPrivileges === true) requireSafe(autoJoin, adminPrivileges);
    await storeGroup(trx, { name, description, autoJoin, adminPrivileges });
    if (users === undefined) return;
    requireKnown('userNames', 'user', await unknownUsers(trx, users));
    await setMembers(trx, name, [...new Set(users)]);
  });
}

/** Removes the group with all that it gave. @throws GROUP_NOT_FOUND */
export async function removeGroup(session: Session, by: string, name: string): Promise<void> {
  await changeRights(session, { message: `${by} removed the group ${name}`, detail: { group: name, by } }, async (trx) => {
    if (!await deleteGroup(trx, name)) throw groupNotFound(name);
  });
}

export function groupNotFound(name: string): BulkheadError {
  return new BulkheadError('GROUP_NOT_FOUND', `There is no group ${name}`);
}
