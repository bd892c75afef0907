import { setTimeout as pause } from 'node:timers/promises';
import { sql, type Kysely } from 'kysely';
import type { Database } from '../schema.ts';

/** No change of ours takes longer; one that does looks at the rights once more before it commits. */
const longestMs = 30_000;

interface Writer {
  readonly pid: number;
  readonly xid: string;
}

/**
 * Waits until every transaction that has written something by now is over.
 *
 * A change is confirmed as the last thing before its commit. Whoever takes a right away commits that, and then waits here: a change that was confirmed
 * before has written by then, so it is among those that are waited for. When this resolves, none that relied on the old right can still appear.
 * Writers pay nothing for it.
 */
export async function outlastWriters(db: Kysely<Database>): Promise<void> {
  const deadline = performance.now() + longestMs;
  let left = await writers(db);
  for (let waitMs = 2; left.length > 0 && performance.now() < deadline; waitMs = Math.min(waitMs * 2, 100)) {
    await pause(waitMs);
    const now = await writers(db);
    left = left.filter(({ pid, xid }) => now.some((writer) => writer.pid === pid && writer.xid === xid));
  }
}

/** Sessions of the cluster's role, whichever node or pooler they come from. */
async function writers(db: Kysely<Database>): Promise<Writer[]> {
  const { rows } = await sql<Writer>`
    select pid, backend_xid::text as xid from pg_stat_activity
    where datname = current_database() and usename = current_user and backend_xid is not null and pid <> pg_backend_pid()`.execute(db);
  return rows;
}
