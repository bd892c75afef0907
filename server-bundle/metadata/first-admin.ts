import { sql, type Kysely, type Transaction } from 'kysely';
import { BulkheadError } from '../contract/index.ts';
import { forgetLoginFailures, neverLocked } from './access/login-failures.ts';
import { revokeRight } from './rights.ts';
import type { Database } from './schema.ts';
import { hasAdmin } from './users.ts';

/** Name of the administrator that every cluster has at first. */
export const firstAdmin = 'admin';

/**
 * Creates the first administrator. Of several callers at once one succeeds.
 * @returns whether nodes may go on answering what they had cached, for one more window
 * @throws ADMIN_EXISTS
 */
export async function createFirstAdmin(db: Kysely<Database>, encodedPassword: string): Promise<boolean> {
  const replaced = await db.transaction().execute(async (trx) => {
    await onlyOne(trx);
    if (await hasAdmin(trx)) throw new BulkheadError('ADMIN_EXISTS');
    return setAdmin(trx, encodedPassword);
  });
  // absence is never cached: only a user that was there before can be in a cache
  if (replaced) await endCachedAnswers(db);
  return replaced;
}

/**
 * Gives `admin` a new password and all rights, whatever it was before; creates it when it is gone. Its tokens stay.
 * @returns whether nodes may go on answering what they had cached, for one more window
 */
export async function resetFirstAdmin(db: Kysely<Database>, encodedPassword: string): Promise<boolean> {
  const replaced = await db.transaction().execute(async (trx) => {
    await onlyOne(trx);
    return setAdmin(trx, encodedPassword);
  });
  if (replaced) await endCachedAnswers(db);
  return replaced;
}

/** As it is stored; empty when there is no `admin`, or it has none. */
export async function encodedPasswordOfAdmin(db: Kysely<Database>): Promise<string> {
  const found = await db.selectFrom('user_account').select('password').where('name', '=', firstAdmin).executeTakeFirst();
  return found?.password ?? '';
}

/** Reading "there is none" and inserting one must not be interleaved: there is no row yet that could be locked. */
async function onlyOne(trx: Transaction<Database>): Promise<void> {
  await sql`lock table user_account in share row exclusive mode`.execute(trx);
}

/** @param password encoded; random and long, so it is never locked out. @returns whether the user was there before */
async function setAdmin(trx: Transaction<Database>, password: string): Promise<boolean> {
  const present = await trx.selectFrom('user_account').select('name').where('name', '=', firstAdmin).executeTakeFirst();
  await trx.insertInto('user_account').values({ name: firstAdmin, password, role: 'admin', locked_until: neverLocked })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ password, role: 'admin', disabled: false, locked_until: neverLocked, updated_at: sql`clock_timestamp()` }))
    .execute();
  await forgetLoginFailures(trx, firstAdmin);
  return present !== undefined;
}

/**
 * A command is no member of the cluster and cannot prepare a change with the others. It takes their caching rights away after its
 * commit instead: once their windows have passed, no node answers what it had cached before. They ask for the right again by themselves.
 */
async function endCachedAnswers(db: Kysely<Database>): Promise<void> {
  const members = await db.selectFrom('incarnation').select(['id', 'node_id', 'right_number'])
    .where('caching', '=', true).where('gone_at', 'is', null).orderBy('id').execute();
  for (const member of members) {
    await revokeRight(db, { incarnation: member.id, nodeId: member.node_id }, member.right_number, `${member.node_id} reads anew: the password of ${firstAdmin} was set on a host`);
  }
}
