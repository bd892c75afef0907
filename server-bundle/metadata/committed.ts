import type { Kysely, Transaction } from 'kysely';
import { BulkheadError } from '../contract/index.ts';
import { commitOnce } from './commit-once.ts';
import type { Database } from './schema.ts';

/**
 * Runs a change that has no replay key in one transaction and knows its outcome even when the connection breaks during COMMIT.
 * The request is confirmed first: somebody who changes the own password would not be known any more behind it.
 * @throws what `effect` throws (nothing was changed then), OUTCOME_UNKNOWN, DATABASE_UNAVAILABLE
 */
export async function committed<T>(
  session: { readonly db: Kysely<Database>; readonly incarnation: string }, effect: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  let result: { readonly value: T } | undefined;
  await commitOnce(session.db, session.incarnation, null, async (trx) => {
    result = { value: await effect(trx) };
    return { status: 200, headers: {}, body: null };
  }, 'ahead');
  if (result === undefined) throw new BulkheadError('INTERNAL', 'A change was committed without running');
  return result.value;
}
