import { sql, type Kysely } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import { appendEvent } from './events.ts';
import type { Database } from './schema.ts';

/** Lets a forgotten node in again. False when it was not forgotten. */
export async function admitNode(db: Kysely<Database>, nodeId: string, by: string): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const found = await sql`update node set forgotten_at = null, forgotten_by = null where node_id = ${nodeId} and forgotten_at is not null returning node_id`.execute(trx);
    if (found.rows.length === 0) return false;
    await appendEvent(trx, { type: 'node.admitted', nodeId, message: `${nodeId} may join again, says ${by}`, detail: { by } });
    return true;
  });
}

/** @throws NODE_FORGOTTEN */
export async function refuseForgotten(db: Reader, nodeId: string): Promise<void> {
  const found = await sql<{ since: Date; by: string | null }>`
    select forgotten_at as since, forgotten_by as by from node where node_id = ${nodeId} and forgotten_at is not null`.execute(db);
  const forgotten = found.rows[0];
  if (forgotten === undefined) return;
  throw new BulkheadError('NODE_FORGOTTEN', `${nodeId} was forgotten by ${forgotten.by ?? 'somebody'} at ${forgotten.since.toISOString()}`, { details: { nodeId, since: forgotten.since.toISOString(), by: forgotten.by } });
}
