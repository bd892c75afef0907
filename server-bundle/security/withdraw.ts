import type { Transaction } from 'kysely';
import type { Session, Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { outlastWriters } from '../metadata/access/outlast-writers.ts';
import { committed } from '../metadata/committed.ts';
import type { Database } from '../metadata/schema.ts';

/**
 * Commits what may take somebody's rights away. When it returns, no node answers by the old rights, and no change that was admitted by them can still
 * be committed.
 * @param touched the cached answers about rights that it alters
 * @throws what `effect` throws; OUTCOME_UNKNOWN when it is committed, and whether older changes are over could not be found out
 */
export async function withdraw<T>(session: Session, touched: Touched, effect: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  const result = await session.coherence.change(touched, () => committed(session, effect));
  try {
    await outlastWriters(session.db);
  } catch (error) {
    throw new BulkheadError('OUTCOME_UNKNOWN', undefined, { cause: error });
  }
  return result;
}
