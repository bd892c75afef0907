import { sql, type Kysely } from 'kysely';
import { databaseFailure } from './failure.ts';
import type { Database } from './schema.ts';

/** For the second opinion, milliseconds. */
const patienceMs = 1000;

/**
 * Whether the database can be reached, although a statement that writes has failed. A server whose log is being written to a busy disk commits nothing for
 * seconds and answers every look all the same, and one that broke off a statement has said so itself. Where neither is sure, it is asked something that
 * writes nothing.
 *
 * @param error what the statement failed with
 * @param db    of connections that were cut if they fell silent
 */
export async function isReachable(db: Kysely<Database>, error: unknown): Promise<boolean> {
  if (isServersWord(error)) return true;
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<false>((resolve) => { timer = setTimeout(() => { resolve(false); }, patienceMs); });
  const asked = sql`select 1`.execute(db).then(() => true, isServersWord);
  try {
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** The server itself has answered, and not that it serves nobody. */
function isServersWord(error: unknown): boolean {
  return error instanceof Error && 'severity' in error && databaseFailure(error)?.code !== 'DATABASE_UNAVAILABLE';
}
