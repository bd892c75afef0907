import type { Transaction } from 'kysely';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Session, Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { groupsOf, joinAutomatically, setGroups, unknownGroups } from '../metadata/access/groups.ts';
import type { Database } from '../metadata/schema.ts';
import { deleteUser, findUser, insertUser, updateUser, type Role, type UserChange } from '../metadata/users.ts';
import { encodePassword } from './password.ts';
import { requireKnown } from './rights-changed.ts';
import { withdraw } from './withdraw.ts';

/** What a request wants of a user; passwords are plain here and encoded on the way. */
export interface WantedUser {
  readonly password?: string | null | undefined;
  readonly email?: string | undefined;
  readonly role?: Role | undefined;
  readonly disabled?: boolean | undefined;
  /** where no role is named: an administrator becomes a user, and so does who is new; everybody else stays what they are */
  readonly noAdmin?: boolean | undefined;
  /** all groups of the user; left out: those stay */
  readonly groups?: readonly string[] | undefined;
}

/**
 * Creates the user, or replaces what was there. Holds on every node when it returns.
 * @returns whether the user is new
 * @throws BODY_INVALID for a new user without a password, LAST_ADMIN
 */
export async function putUser(session: Session, by: string, name: string, wanted: WantedUser): Promise<boolean> {
  const password = await encoded(wanted.password);
  return withdraw(session, keysOf(name), async (trx) => {
    const present = await findUser(trx, name);
    const role = wanted.role ?? (wanted.noAdmin === true ? withoutAdmin(present?.role) : 'reader');
    if (present === undefined) {
      if (password === undefined) throw new BulkheadError('BODY_INVALID', 'password: a new user needs one (null: tokens only)', { details: [{ field: 'password', message: 'is missing' }] });
      await insertUser(trx, { name, password, email: wanted.email ?? '', role, disabled: wanted.disabled ?? false });
      await joinAutomatically(trx, name);
    } else {
      await updateUser(trx, name, { ...(password === undefined ? {} : { password }), email: wanted.email ?? '', role, disabled: wanted.disabled ?? false });
    }
    await putGroups(trx, name, wanted.groups, present === undefined);
    await session.events.publish({ type: 'access.changed', message: `${by} ${present === undefined ? 'created' : 'replaced'} the user ${name}`, detail: { user: name, by } }, trx);
    return present === undefined;
  });
}

/** Changes what is named and leaves the rest. @throws USER_NOT_FOUND, LAST_ADMIN */
export async function changeUser(session: Session, by: string, name: string, wanted: WantedUser): Promise<void> {
  const password = await encoded(wanted.password);
  const change: UserChange = {
    ...(password === undefined ? {} : { password }),
    ...(wanted.email === undefined ? {} : { email: wanted.email }),
    ...(wanted.role === undefined ? {} : { role: wanted.role }),
    ...(wanted.disabled === undefined ? {} : { disabled: wanted.disabled }),
  };
  await withdraw(session, keysOf(name), async (trx) => {
    const demoted = wanted.noAdmin === true && wanted.role === undefined && (await findUser(trx, name))?.role === 'admin';
    await updateUser(trx, name, demoted ? { ...change, role: 'user' } : change);
    await putGroups(trx, name, wanted.groups, false);
    await session.events.publish({ type: 'access.changed', message: `${by} changed the user ${name}`, detail: { user: name, by, fields: [...Object.keys(change), ...(wanted.groups === undefined ? [] : ['groups'])] } }, trx);
  });
}

function withoutAdmin(present: Role | undefined): Role {
  return present === undefined || present === 'admin' ? 'user' : present;
}

/** Deletes the user with all tokens. @throws USER_NOT_FOUND, LAST_ADMIN */
export async function removeUser(session: Session, by: string, name: string): Promise<void> {
  // all tokens: one that is being made for this user right now is not in any list yet
  const touched: Touched = { keys: [cacheKeys.user(name)], prefixes: [cacheKeys.token('')] };
  await withdraw(session, touched, async (trx) => {
    await deleteUser(trx, name);
    await session.events.publish({ type: 'access.changed', message: `${by} deleted the user ${name}`, detail: { user: name, by } }, trx);
  });
}

/** @throws BODY_INVALID for groups that are not there */
async function putGroups(trx: Transaction<Database>, user: string, groups: readonly string[] | undefined, isNew: boolean): Promise<void> {
  if (groups === undefined) return;
  requireKnown('groups', 'group', await unknownGroups(trx, groups));
  await setGroups(trx, user, [...new Set([...groups, ...(isNew ? await groupsOf(trx, user) : [])])]);
}

function keysOf(name: string): Touched {
  return { keys: [cacheKeys.user(name)] };
}

async function encoded(password: string | null | undefined): Promise<string | null | undefined> {
  return typeof password === 'string' ? encodePassword(password) : password;
}
