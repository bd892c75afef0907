import { sql, type Kysely } from 'kysely';
import { afterSilence } from '../silence.ts';
import { databaseFailure } from './failure.ts';
import type { Database } from './schema.ts';

/** For the second opinion, milliseconds: a connection that fell silent was cut, and a new one is made where processors and disk are busy. The next heartbeat waits behind it. */
const patienceMs = 1000;
/** SQLSTATE read_only_sql_transaction */
const readOnly = '25006';

/**
 * Whether the database can be reached, although a statement that writes has failed. A server whose log is being written to a busy disk commits nothing for
 * seconds and answers every look all the same, and one that broke off a statement at a limit has said so itself. Where neither is sure, it is asked something
 * that writes nothing, and has to answer that: one that lets this node in no more has a word to say as well. One that takes no writes is a standby or a former
 * primary: what can be read there may be old.
 *
 * @param error what the statement failed with
 * @param db    of connections that were cut if they fell silent
 */
export async function isReachable(db: Kysely<Database>, error: unknown): Promise<boolean> {
  if (error instanceof Error && 'severity' in error) {
    if (databaseFailure(error)?.code === 'OVERLOADED') return true;
    if ('code' in error && error.code === readOnly) return false;
  }
  let answered = (): void => undefined;
  const silence = new Promise<false>((resolve) => { answered = afterSilence(patienceMs, () => { resolve(false); }); });
  try {
    return await Promise.race([takesWrites(db).catch(() => false), silence]);
  } finally {
    answered();
  }
}

async function takesWrites(db: Kysely<Database>): Promise<boolean> {
  const { rows: [row] } = await sql<{ takesWrites: boolean }>`
    select not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as "takesWrites"`.execute(db);
  return row?.takesWrites === true;
}
