import { sql, type Kysely, type Transaction } from 'kysely';
import type { EpochEntry } from '../contract/index.ts';
import { BulkheadError } from '../contract/index.ts';
import type { Reader } from '../cluster/ports.ts';
import type { Database } from './schema.ts';

/** A transaction of master's work that keeps meeting a deadlock is given up after so many tries. */
const mostAttempts = 4;

export type TakeoverCause = EpochEntry['cause'];

export interface Takeover {
  readonly incarnation: string;
  readonly nodeId: string;
  /** random, made by who takes over: proves later that a takeover of unknown outcome was this one */
  readonly leaseId: string;
  /** what was seen before; null when there was no epoch yet */
  readonly seen: { readonly epoch: number; readonly leaseId: string } | null;
  /** the predecessor let it go */
  readonly planned: boolean;
  /** a predecessor that was silent for this long had expired; before, its end was known otherwise */
  readonly ttlMs: number;
}

export interface TakenLease {
  readonly epoch: number;
  readonly since: Date;
  readonly cause: TakeoverCause;
  readonly previousNodeId: string | null;
  readonly gapMs: number | null;
}

/**
 * Compare-and-set on epoch and lease, in one round trip. Waits, as long as the session's lock limit lets it, for the FOR SHARE
 * locks of the predecessor's transactions. The predecessor must be gone or have released the lease, which is checked here as well: its renewal's
 * row is locked before it is believed. Returns null when somebody else was quicker.
 *
 * @throws the driver's lock_not_available (55P03) when the predecessor does not let go
 */
export async function takeOver(db: Kysely<Database>, takeover: Takeover): Promise<TakenLease | null> {
  const { seen, incarnation, nodeId, leaseId, planned, ttlMs } = takeover;
  const taking = seen === null
    ? sql`insert into leadership (epoch, lease_id, incarnation, node_id)
        select 1, ${leaseId}::uuid, ${incarnation}::uuid, ${nodeId} from (select) as nothing
        where exists (select from incarnation i where i.id = ${incarnation} and i.gone_at is null)
        on conflict do nothing returning epoch, since`
    : sql`update leadership l set epoch = l.epoch + 1, lease_id = ${leaseId}::uuid, incarnation = ${incarnation}::uuid, node_id = ${nodeId},
          since = clock_timestamp()
        where l.epoch = ${seen.epoch} and l.lease_id = ${seen.leaseId}
          and (not exists (select from before b where b.lease_id = l.lease_id and not b.released)
            or not exists (select from incarnation i where i.id = l.incarnation and i.gone_at is null))
          and exists (select from incarnation i where i.id = ${incarnation} and i.gone_at is null)
        returning l.epoch, l.since`;
  const found = await sql<TakenLease>`
    with before as (
      select lease_id, released, (extract(epoch from clock_timestamp() - renewed_at) * 1000)::float8 as gap from leadership_renewal for update
    ), taken as (${taking}), ended as (
      update epoch_history set ended_at = taken.since from taken where epoch_history.epoch = taken.epoch - 1
      returning epoch_history.node_id
    ), renewed as (
      insert into leadership_renewal (lease_id, renewed_at) select ${leaseId}::uuid, clock_timestamp() from taken
      on conflict (singleton) do update set lease_id = excluded.lease_id, renewed_at = excluded.renewed_at, released = false, released_to = null
    )
    insert into epoch_history (epoch, node_id, incarnation, previous_node_id, cause, since, gap_ms)
    select taken.epoch, ${nodeId}, ${incarnation}::uuid, (select node_id from ended),
      case when ${seen === null} then 'first' when ${planned} then 'hand-over'
        when (select gap from before) >= ${ttlMs} then 'expired' else 'fail-over' end,
      taken.since, (select gap from before)
    from taken
    -- a database that has lost its newest rows counts epochs again: the leadership, not its history, decides
    on conflict (epoch) do update set node_id = excluded.node_id, incarnation = excluded.incarnation,
      previous_node_id = excluded.previous_node_id, cause = excluded.cause, since = excluded.since, ended_at = null, gap_ms = excluded.gap_ms
    returning epoch, since, cause, previous_node_id as "previousNodeId", gap_ms as "gapMs"`.execute(db);
  return found.rows[0] ?? null;
}

/** Lets the lease go. False when this lease is not the present one, or was let go before. */
export async function releaseLease(db: Reader, leaseId: string, to: string | null): Promise<boolean> {
  const found = await sql<{ lease_id: string }>`
    update leadership_renewal set released = true, released_to = ${to}, renewed_at = clock_timestamp()
    where lease_id = ${leaseId} and not released returning lease_id`.execute(db);
  return found.rows.length > 0;
}

export interface HeldLease {
  readonly epoch: number;
  readonly leaseId: string;
  /** the server ends statements and idle transactions of master's work after this many milliseconds */
  readonly limitMs: number;
}

/**
 * A transaction of master's work. The share lock on the epoch's row is what fences it: a takeover updates that row, so it
 * waits for this transaction, and this transaction cannot begin after it. A plain read would let the effect land late.
 * After a deadlock, which undid everything, `effect` runs again.
 *
 * @throws NOT_MASTER when the lease is not this one any more
 */
export async function fencedTransaction<T>(
  db: Kysely<Database>, lease: HeldLease, effect: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fencedOnce(db, lease, effect);
    } catch (error) {
      const deadlocked = error instanceof Error && 'code' in error && error.code === '40P01';
      if (!deadlocked || attempt === mostAttempts) throw error;
    }
  }
}

function fencedOnce<T>(db: Kysely<Database>, lease: HeldLease, effect: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    const limit = String(lease.limitMs);
    await sql`select set_config('statement_timeout', ${limit}, true), set_config('lock_timeout', ${limit}, true),
      set_config('idle_in_transaction_session_timeout', ${limit}, true)`.execute(trx);
    const held = await sql`
      select epoch from leadership where epoch = ${lease.epoch} and lease_id = ${lease.leaseId} for share`.execute(trx);
    if (held.rows.length === 0) throw new BulkheadError('NOT_MASTER');
    return effect(trx);
  });
}

/** Newest first. */
export async function epochHistory(db: Reader, limit: number): Promise<EpochEntry[]> {
  const rows = await db.selectFrom('epoch_history').selectAll().orderBy('epoch', 'desc').limit(limit).execute();
  return rows.map((row) => ({
    epoch: row.epoch, nodeId: row.node_id, incarnation: row.incarnation, previousNodeId: row.previous_node_id, cause: row.cause,
    since: row.since.toISOString(), endedAt: row.ended_at?.toISOString() ?? null, gapMs: row.gap_ms,
  }));
}
