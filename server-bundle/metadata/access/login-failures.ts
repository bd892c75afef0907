import { sql, type Transaction } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { Database } from '../schema.ts';

/**
 * In the place of a time: this password locks nobody out. Who has the cluster's own host has made it with `reset-admin`; it is random and too long to be guessed, and
 * whoever goes on guessing must not keep the owner out. It ends with the password.
 */
export const neverLocked = sql<Date>`'-infinity'::timestamptz`;

/** Unlocked, and as safe from being locked as before. */
const unlessNeverLocked = sql<Date | null>`case when locked_until = ${neverLocked} then locked_until end`;

/** Failures that are longer ago do not count any more. */
const countedHours = 24;

/** Notes a failed login of a user who exists; resolves to how many there were since the last good one. No row is waited for. */
export async function noteLoginFailure(db: Reader, user: string): Promise<number> {
  const found = await sql<{ count: number }>`
    with noted as (insert into login_failure (user_name) select name from user_account where name = ${user} returning 1)
    select (select count(*) from noted) + (select count(*) from login_failure
      where user_name = ${user} and at > clock_timestamp() - make_interval(hours => ${countedHours})) as count`.execute(db);
  return found.rows[0]?.count ?? 0;
}

export async function forgetLoginFailures(db: Reader, user: string): Promise<void> {
  await db.deleteFrom('login_failure').where('user_name', '=', user).execute();
}

/** @returns false when there is no such user, or one who is never locked */
export async function lockUser(trx: Transaction<Database>, user: string, minutes: number): Promise<boolean> {
  const { numUpdatedRows } = await trx.updateTable('user_account')
    .set({ locked_until: sql`clock_timestamp() + make_interval(secs => ${minutes * 60}::float8)` }).where('name', '=', user)
    .where(sql<boolean>`locked_until is distinct from ${neverLocked}`).executeTakeFirst();
  await forgetLoginFailures(trx, user);
  return numUpdatedRows > 0n;
}

/** @returns false when there is no such user */
export async function unlockUser(trx: Transaction<Database>, user: string): Promise<boolean> {
  const { numUpdatedRows } = await trx.updateTable('user_account').set({ locked_until: unlessNeverLocked }).where('name', '=', user).executeTakeFirst();
  await forgetLoginFailures(trx, user);
  return numUpdatedRows > 0n;
}

export async function lockedUsers(db: Reader): Promise<string[]> {
  const rows = await db.selectFrom('user_account').select('name').where('locked_until', '>', sql<Date>`clock_timestamp()`).orderBy('name').execute();
  return rows.map(({ name }) => name);
}

/** For housekeeping: at most `limit` rows that do not count any more. */
export async function pruneLoginFailures(db: Reader, limit: number): Promise<number> {
  const gone = await sql`delete from login_failure where ctid in (
    select ctid from login_failure where at < clock_timestamp() - make_interval(hours => ${countedHours}) limit ${limit})`.execute(db);
  return Number(gone.numAffectedRows ?? 0n);
}
