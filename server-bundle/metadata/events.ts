import { sql } from 'kysely';
import type { NewEvent, Reader } from '../cluster/ports.ts';
import { storedEvent, type StoredEvent } from '../contract/index.ts';

/**
 * Appends to the cluster-wide sequence. Inside a transaction call it last: the sequence's row is locked until the commit,
 * which is what keeps the sequence without holes.
 */
export async function appendEvent(db: Reader, event: NewEvent): Promise<void> {
  await sql`
    with next as (update event_sequence set last = last + 1 returning last)
    insert into event (seq, type, node_id, message, detail)
    select last, ${event.type}, ${event.nodeId ?? null}, ${event.message}, ${JSON.stringify(event.detail ?? {})}::jsonb from next`.execute(db);
}

/** Events after `seq`, oldest first, at most `limit`. */
export async function eventsAfter(db: Reader, seq: number, limit: number): Promise<StoredEvent[]> {
  const rows = await db.selectFrom('event').selectAll().where('seq', '>', seq).orderBy('seq').limit(limit).execute();
  return rows.map((row) => storedEvent.parse({
    seq: row.seq, at: row.at.toISOString(), type: row.type, nodeId: row.node_id, message: row.message, detail: row.detail,
  }));
}

export interface EventRange {
  /** the oldest event that is kept; `last + 1` when none is */
  readonly first: number;
  readonly last: number;
}

export async function eventRange(db: Reader): Promise<EventRange> {
  const found = await sql<EventRange>`
    select last, coalesce((select min(seq) from event), last + 1) as first from event_sequence`.execute(db);
  return found.rows[0] ?? { first: 1, last: 0 };
}

/** Forgets all but the newest `keep` events. */
export async function pruneEvents(db: Reader, keep: number): Promise<void> {
  await sql`delete from event where seq <= (select last from event_sequence) - ${keep}::bigint`.execute(db);
}
