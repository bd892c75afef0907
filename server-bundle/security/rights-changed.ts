import type { Transaction } from 'kysely';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Session, Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import type { Database } from '../metadata/schema.ts';
import { withdraw } from './withdraw.ts';

/**
 * Groups and targets reach into the rights of users who are in no list yet (somebody may be joining at this moment), so all of them are prepared:
 * such changes are rare, and accounts are read again in no time.
 */
const everybody: Touched = { keys: [cacheKeys.accessModel()], prefixes: [cacheKeys.users()] };

/** One change of what decides about rights, with its line in the history. Holds on every node when it returns. */
export async function changeRights<T>(
  session: Session, event: { readonly message: string; readonly detail: Record<string, unknown> }, effect: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  return withdraw(session, everybody, async (trx) => {
    const result = await effect(trx);
    await session.events.publish({ type: 'access.changed', ...event }, trx);
    return result;
  });
}

/** @throws BODY_INVALID that names them */
export function requireKnown(field: string, what: string, unknown: readonly string[]): void {
  if (unknown.length === 0) return;
  const message = `there is no ${what} ${unknown.slice(0, 10).map((name) => `'${name}'`).join(', ')}`;
  throw new BulkheadError('BODY_INVALID', `${field}: ${message}`, { details: [{ field, message }] });
}
