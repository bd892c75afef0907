import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';

/** A path that a transaction is about to change: a file, a folder with everything below it, or ('') the whole repository. */
export interface ClaimedPath {
  readonly repositoryId: number;
  readonly path: string;
}

/**
 * Keeps the shape of the tree still until the transaction ends: exclusive for each path itself, shared for the folders above it.
 * So nothing appears below a folder that is being deleted or moved, no file takes the place of a folder in which a deploy is under way,
 * and a repository is not removed between the check of its configuration and the commit.
 *
 * Advisory locks queue fairly (row locks shared by all writers would starve whoever waits for them), and all are taken in one order.
 * Look at the tree in a later statement: this one's snapshot is older than its locks.
 */
export async function lockPaths(trx: Reader, claimed: readonly ClaimedPath[]): Promise<void> {
  const calls = pathLocks(claimed).map(({ key, alone }) => (alone
    ? sql`select pg_advisory_xact_lock(${key.toString()}::bigint)`
    : sql`select pg_advisory_xact_lock_shared(${key.toString()}::bigint)`));
  // "union all" runs its branches one after the other, in the order written
  await sql.join(calls, sql` union all `).execute(trx);
}

/** The locks of paths and of the folders above them, in the one order in which everybody takes them. */
export function pathLocks(claimed: readonly ClaimedPath[]): { readonly key: bigint; /** exclusive */ readonly alone: boolean }[] {
  const exclusive = new Map<bigint, boolean>();
  for (const { repositoryId, path } of claimed) {
    const segments = path.split('/').filter((segment) => segment !== '');
    for (let depth = 0; depth <= segments.length; depth += 1) {
      const key = lockKey(repositoryId, segments.slice(0, depth).join('/'));
      exclusive.set(key, depth === segments.length || exclusive.get(key) === true);
    }
  }
  return [...exclusive].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, alone]) => ({ key, alone }));
}

/** 64 bits of a digest: two paths that share a key only wait for each other without need. */
function lockKey(repositoryId: number, path: string): bigint {
  return createHash('sha256').update(`${String(repositoryId)}:${path}`).digest().readBigInt64BE(0);
}
