import { sql } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';

export interface Group {
  readonly name: string;
  readonly description: string;
  /** new users belong to it */
  readonly autoJoin: boolean;
  /** members are administrators */
  readonly adminPrivileges: boolean;
}

const columns = ['name', 'description', 'auto_join as autoJoin', 'admin_privileges as adminPrivileges'] as const;

export async function listGroups(db: Reader): Promise<Group[]> {
  return db.selectFrom('user_group').select(columns).orderBy('name').execute();
}

export async function findGroup(db: Reader, name: string): Promise<Group | undefined> {
  return db.selectFrom('user_group').select(columns).where('name', '=', name).executeTakeFirst();
}

export async function membersOf(db: Reader, group: string): Promise<string[]> {
  return (await db.selectFrom('group_member').select('user_name').where('group_name', '=', group).orderBy('user_name').execute()).map((row) => row.user_name);
}

export async function groupsOf(db: Reader, user: string): Promise<string[]> {
  return (await db.selectFrom('group_member').select('group_name').where('user_name', '=', user).orderBy('group_name').execute()).map((row) => row.group_name);
}

/** Creates the group or replaces what it is; members stay. @returns whether it is new */
export async function putGroup(trx: Reader, { name, description, autoJoin, adminPrivileges }: Group): Promise<boolean> {
  const { rows } = await sql<{ created: boolean }>`insert into user_group (name, description, auto_join, admin_privileges)
    values (${name}, ${description}, ${autoJoin}, ${adminPrivileges})
    on conflict (name) do update set description = excluded.description, auto_join = excluded.auto_join, admin_privileges = excluded.admin_privileges,
      updated_at = clock_timestamp()
    returning (xmax = 0) as created`.execute(trx);
  return rows[0]?.created === true;
}

/** @returns false when there is none */
export async function deleteGroup(trx: Reader, name: string): Promise<boolean> {
  return (await trx.deleteFrom('user_group').where('name', '=', name).executeTakeFirst()).numDeletedRows > 0n;
}

export async function setMembers(trx: Reader, group: string, users: readonly string[]): Promise<void> {
  await trx.deleteFrom('group_member').where('group_name', '=', group).execute();
  if (users.length > 0) await trx.insertInto('group_member').values(users.map((user) => ({ user_name: user, group_name: group }))).execute();
}

export async function setGroups(trx: Reader, user: string, groups: readonly string[]): Promise<void> {
  await trx.deleteFrom('group_member').where('user_name', '=', user).execute();
  if (groups.length > 0) await trx.insertInto('group_member').values(groups.map((group) => ({ user_name: user, group_name: group }))).execute();
}

/** A new user belongs to every group that says so. */
export async function joinAutomatically(trx: Reader, user: string): Promise<void> {
  await sql`insert into group_member (user_name, group_name) select ${user}, name from user_group where auto_join on conflict do nothing`.execute(trx);
}

/** Those of the names that no group has. The others stay until the end of the transaction. */
export async function unknownGroups(trx: Reader, names: readonly string[]): Promise<string[]> {
  const found = names.length === 0 ? [] : await trx.selectFrom('user_group').select('name').where('name', 'in', names).orderBy('name').forKeyShare().execute();
  return names.filter((name) => !found.some((group) => group.name === name));
}

/** Those of the names that no user has. The others stay until the end of the transaction. */
export async function unknownUsers(trx: Reader, names: readonly string[]): Promise<string[]> {
  const found = names.length === 0 ? [] : await trx.selectFrom('user_account').select('name').where('name', 'in', names).orderBy('name').forKeyShare().execute();
  return names.filter((name) => !found.some((user) => user.name === name));
}

/** Those of the keys that no repository has. */
export async function unknownRepositories(trx: Reader, keys: readonly string[]): Promise<string[]> {
  const found = keys.length === 0 ? [] : await trx.selectFrom('repository').select('key').where('key', 'in', keys).execute();
  return keys.filter((key) => !found.some((repository) => repository.key === key));
}
