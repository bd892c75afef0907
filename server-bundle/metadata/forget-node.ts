import { sql, type Kysely } from 'kysely';
import { BulkheadError } from '../contract/index.ts';
import { appendEvent } from './events.ts';
import { releaseDeadGrants } from './grants.ts';
import { endSessions, markGone } from './membership.ts';
import type { Database } from './schema.ts';

interface Live {
  readonly id: string;
  readonly ageMs: number;
}

/**
 * Takes a node out of the cluster for good: its incarnation is gone, its sessions are ended, its connections free, and it is refused
 * when it comes back, until it is admitted again.
 *
 * @param by        who says so
 * @param silenceMs a heartbeat that is younger says that the node lives
 * @throws NODE_NOT_FOUND, NODE_SERVES
 */
export async function forgetNode(db: Kysely<Database>, nodeId: string, by: string, silenceMs: number): Promise<void> {
  const gone = await db.transaction().execute(async (trx) => {
    const node = await sql<{ forgotten: boolean }>`select forgotten_at is not null as forgotten from node where node_id = ${nodeId} for update`.execute(trx);
    if (node.rows[0] === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The cluster has no node "${nodeId}"`);
    const live = await sql<Live>`
      select id, (extract(epoch from clock_timestamp() - heartbeat_at) * 1000)::float8 as "ageMs" from incarnation
      where node_id = ${nodeId} and gone_at is null for update`.execute(trx);
    const [present] = live.rows;
    if (present !== undefined) {
      if (present.ageMs <= silenceMs) {
        throw new BulkheadError('NODE_SERVES', `${nodeId} was heard of ${String(Math.round(present.ageMs))} ms ago: it is not gone`, { details: { nodeId, heartbeatAgeMs: present.ageMs } });
      }
      await markGone(trx, { id: present.id, nodeId }, 'fenced');
    }
    if (node.rows[0].forgotten) return present?.id ?? null;
    await sql`update node set forgotten_at = clock_timestamp(), forgotten_by = ${by}, desired = 'serving', drain_deadline = null, drain_until = null, drain_note = null
      where node_id = ${nodeId}`.execute(trx);
    await appendEvent(trx, { type: 'node.forgotten', nodeId, message: `${nodeId} was forgotten by ${by}: it may not come back by itself`, detail: { by } });
    return present?.id ?? null;
  });
  if (gone !== null) await endSessions(db, gone);
  await releaseDeadGrants(db);
}
