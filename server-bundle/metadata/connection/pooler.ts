import { sql } from 'kysely';
import { BulkheadError } from '../../contract/index.ts';
import type { OpenDatabase } from './database.ts';

/** How a pooler shares the server's sessions; null when it could not be found out. */
export type PoolerMode = 'session' | 'transaction' | 'statement';

/** Rounds of looking: one is enough where nobody else uses the pooler. */
const rounds = 3;

/**
 * Tells what stands between here and the server; null when nothing does. PostgreSQL names its process when a connection is made, and
 * whatever stands in between makes a number up. Two connections then show how it shares sessions: only one that shares them by
 * transaction lets both use one, or gives one of them another while the other holds its own.
 *
 * @param open a connection that tells a pooler rather than refuses it; closed here
 */
export async function poolerBetween(open: () => OpenDatabase): Promise<PoolerMode | null> {
  const first = open();
  const second = open();
  try {
    const pid = await processOf(first);
    if (first.livePids().includes(pid)) return null;
    for (let round = 0; round < rounds; round += 1) {
      const found = await modeBeside(first, second, await processOf(first));
      if (found !== 'session') return found;
    }
    return 'session';
  } finally {
    await Promise.all([first.close(), second.close()]);
  }
}

async function modeBeside(first: OpenDatabase, second: OpenDatabase, before: number): Promise<PoolerMode> {
  try {
    return await second.db.transaction().execute(async (transaction) => {
      const { rows: [row] } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(transaction);
      return row?.pid === before || await processOf(first) !== before ? 'transaction' : 'session';
    });
  } catch (error) {
    // a pooler that shares by statement lets nobody begin a transaction (and says so with a code of its own, which differs by version)
    if (error instanceof Error && 'severity' in error) return 'statement';
    // the only session that it may open is held by the first connection
    return 'session';
  }
}

async function processOf({ db }: OpenDatabase): Promise<number> {
  const { rows: [row] } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db);
  return row?.pid ?? 0;
}

const losses: Readonly<Record<PoolerMode, string>> = {
  session: 'in session mode: the limits that a node opens its sessions with are dropped, and which session is whose is hidden, so that those of a dead node could not be ended',
  transaction: 'in transaction mode: each transaction runs in another session, so that limits, names and prepared statements of a session are lost, and a node that was fenced could not be kept from committing',
  statement: 'in statement mode: there are no transactions behind it',
};

/** @param where host, port and database @param mode null: it refused to open a session with a node's limits at all */
export function poolerRefusal(where: string, mode: PoolerMode | null, cause?: unknown): BulkheadError {
  const how = mode === null ? 'which refuses the limits that a node opens its sessions with' : losses[mode];
  return new BulkheadError('DATABASE_POOLED', `A pooler (such as pgbouncer) answers at ${where} in place of PostgreSQL, ${how}`, { details: { mode }, cause });
}

/** SQLSTATE protocol_violation: PostgreSQL itself takes what sessions of ours are opened with. */
const protocolViolation = '08P01';

/** Says of an error at the start which pooler is behind it; every other one comes back as it is. */
export async function explainedByPooler(error: unknown, where: string, open: () => OpenDatabase): Promise<unknown> {
  if (error instanceof Error && 'code' in error && error.code === protocolViolation) return poolerRefusal(where, null, error);
  if (!(error instanceof BulkheadError) || error.code !== 'DATABASE_POOLED') return error;
  const mode = await poolerBetween(open).catch(() => null);
  return mode === null ? error : poolerRefusal(where, mode, error);
}
