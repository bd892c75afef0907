import { sql, type Transaction } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { neverLocked } from './access/login-failures.ts';
import type { Role } from '../security/principal.ts';
import type { Database } from './schema.ts';

export type { Role } from '../security/principal.ts';


export interface User {
  readonly name: string;
  /** encoded; null for a user who can log in with tokens only */
  readonly password: string | null;
  readonly email: string;
  readonly role: Role;
  readonly disabled: boolean;
}

/** What a change sets; fields that are left out stay. */
export type UserChange = Partial<Omit<User, 'name'>>;

const columns = ['name', 'password', 'email', 'role', 'disabled'] as const;

export async function findUser(db: Reader, name: string): Promise<User | undefined> {
  return db.selectFrom('user_account').select(columns).where('name', '=', name).executeTakeFirst();
}

export async function listUsers(db: Reader): Promise<User[]> {
  return db.selectFrom('user_account').select(columns).orderBy('name').execute();
}

/** @throws USER_EXISTS */
export async function insertUser(db: Reader, user: User): Promise<void> {
  const added = await db.insertInto('user_account').values(user).onConflict((conflict) => conflict.doNothing()).executeTakeFirst();
  if (added.numInsertedOrUpdatedRows === 0n) throw new BulkheadError('USER_EXISTS', `The user ${user.name} exists already`);
}

/** A password that somebody has chosen may be guessed; one who is locked stays so. */
const lockable = sql<Date | null>`nullif(locked_until, ${neverLocked})`;

/** @throws USER_NOT_FOUND, LAST_ADMIN */
export async function updateUser(trx: Transaction<Database>, name: string, change: UserChange): Promise<void> {
  if ((change.role !== undefined && change.role !== 'admin') || change.disabled === true) await requireOtherAdmin(trx, name);
  const changed = await trx.updateTable('user_account').set({ ...change, ...(change.password === undefined ? {} : { locked_until: lockable }), updated_at: sql`clock_timestamp()` }).where('name', '=', name).executeTakeFirst();
  if (changed.numUpdatedRows === 0n) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${name}`);
}

/** Deletes the user with all tokens. @throws USER_NOT_FOUND, LAST_ADMIN */
export async function deleteUser(trx: Transaction<Database>, name: string): Promise<void> {
  await requireOtherAdmin(trx, name);
  const deleted = await trx.deleteFrom('user_account').where('name', '=', name).executeTakeFirst();
  if (deleted.numDeletedRows === 0n) throw new BulkheadError('USER_NOT_FOUND', `There is no user ${name}`);
}

/** Whether somebody can administer the cluster. */
export async function hasAdmin(db: Reader): Promise<boolean> {
  return await anyAdmin(db) !== undefined;
}

/** The name of somebody who can. */
export async function anyAdmin(db: Reader): Promise<string | undefined> {
  const found = await db.selectFrom('user_account').select('name').where('role', '=', 'admin').where('disabled', '=', false).orderBy('name').limit(1).executeTakeFirst();
  return found?.name;
}

/**
 * Locks all administrators in one order and looks again once it holds them: of two changes that would each leave the other one's
 * administrator, the second sees what the first has done.
 */
async function requireOtherAdmin(trx: Transaction<Database>, name: string): Promise<void> {
  const admins = await trx.selectFrom('user_account').select('name')
    .where('role', '=', 'admin').where('disabled', '=', false).orderBy('name').forUpdate().execute();
  if (admins.length === 1 && admins[0]?.name === name) throw new BulkheadError('LAST_ADMIN');
}
