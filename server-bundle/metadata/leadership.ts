import { sql, type Kysely, type Transaction } from 'kysely';
import type { EpochEntry } from '../contract/index.ts';
import { BulkheadError } from '../contract/index.ts';
import type { Reader } from '../cluster/ports.ts';
import { appendEvent } from './events.ts';
import type { Database } from './schema.ts';

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
  /** wait for master's transactions of the predecessor that are still open, milliseconds */
  readonly lockMs: number;
}

/**
 * Compare-and-set on epoch and lease. Waits for the FOR SHARE locks of the predecessor's transactions; the predecessor must be
 * gone or have released the lease (checked here as well). Returns the new epoch, or null when somebody else was quicker.
 *
 * @throws the driver's lock_not_available (55P03) when the predecessor does not let go within `lockMs`
 */
export async function takeOver(db: Kysely<Database>, takeover: Takeover): Promise<{ epoch: number; since: Date } | null> {
  const { seen } = takeover;
  return db.transaction().execute(async (trx) => {
    await sql`select set_config('lock_timeout', ${String(takeover.lockMs)}, true)`.execute(trx);
    const row = seen === null ? await firstEpoch(trx, takeover) : await nextEpoch(trx, takeover, seen);
    if (row === undefined) return null;
    const previous = seen === null ? null : await endEpoch(trx, seen.epoch, row.since);
    const gap = await replaceRenewal(trx, takeover.leaseId);
    const cause = causeOf(takeover, gap);
    await trx.insertInto('epoch_history').values({
      epoch: row.epoch, node_id: takeover.nodeId, incarnation: takeover.incarnation, previous_node_id: previous, cause,
      since: row.since, ended_at: null, gap_ms: gap,
    }).execute();
    await appendEvent(trx, {
      type: 'master.changed', nodeId: takeover.nodeId, message: `${takeover.nodeId} is master of epoch ${String(row.epoch)}`,
      detail: { epoch: row.epoch, cause, previousNodeId: previous, gapMs: gap },
    });
    return row;
  });
}

function causeOf(takeover: Takeover, gapMs: number | null): TakeoverCause {
  if (takeover.seen === null) return 'first';
  if (takeover.planned) return 'hand-over';
  return gapMs !== null && gapMs >= takeover.ttlMs ? 'expired' : 'fail-over';
}

interface EpochRow { epoch: number; since: Date }

async function firstEpoch(trx: Transaction<Database>, takeover: Takeover): Promise<EpochRow | undefined> {
  const found = await sql<EpochRow>`
    insert into leadership (epoch, lease_id, incarnation, node_id)
    select 1, ${takeover.leaseId}, ${takeover.incarnation}, ${takeover.nodeId}
    where exists (select from incarnation where id = ${takeover.incarnation} and gone_at is null)
    on conflict do nothing returning epoch, since`.execute(trx);
  return found.rows[0];
}

async function nextEpoch(
  trx: Transaction<Database>, takeover: Takeover, seen: { readonly epoch: number; readonly leaseId: string },
): Promise<EpochRow | undefined> {
  // the renewal's row first: a renewal under way is over before its value is believed
  await sql`select lease_id from leadership_renewal for update`.execute(trx);
  const found = await sql<EpochRow>`
    update leadership l set epoch = l.epoch + 1, lease_id = ${takeover.leaseId}, incarnation = ${takeover.incarnation},
      node_id = ${takeover.nodeId}, since = clock_timestamp()
    where l.epoch = ${seen.epoch} and l.lease_id = ${seen.leaseId}
      and (not exists (select from leadership_renewal r where r.lease_id = l.lease_id and not r.released)
        or not exists (select from incarnation i where i.id = l.incarnation and i.gone_at is null))
      and exists (select from incarnation i where i.id = ${takeover.incarnation} and i.gone_at is null)
    returning l.epoch, l.since`.execute(trx);
  return found.rows[0];
}

async function endEpoch(trx: Transaction<Database>, epoch: number, at: Date): Promise<string | null> {
  const ended = await trx.updateTable('epoch_history').set({ ended_at: at }).where('epoch', '=', epoch).returning('node_id').executeTakeFirst();
  return ended?.node_id ?? null;
}

/** Milliseconds since the predecessor's last renewal, or its release; null when there was none. */
async function replaceRenewal(trx: Transaction<Database>, leaseId: string): Promise<number | null> {
  const found = await sql<{ gap: number }>`
    select (extract(epoch from clock_timestamp() - renewed_at) * 1000)::float8 as gap from leadership_renewal`.execute(trx);
  await sql`
    insert into leadership_renewal (lease_id, renewed_at) values (${leaseId}, clock_timestamp())
    on conflict (singleton) do update set lease_id = excluded.lease_id, renewed_at = excluded.renewed_at, released = false, released_to = null`.execute(trx);
  return found.rows[0]?.gap ?? null;
}

/** Lets the lease go. False when this lease is not the present one, or was let go before. */
export async function releaseLease(db: Reader, leaseId: string, nodeId: string, to: string | null): Promise<boolean> {
  const found = await sql<{ released: boolean }>`
    with letgo as (
      update leadership_renewal set released = true, released_to = ${to}, renewed_at = clock_timestamp()
      where lease_id = ${leaseId} and not released returning lease_id
    ), next as (
      update event_sequence set last = last + 1 where exists (select from letgo) returning last
    )
    insert into event (seq, type, node_id, message, detail)
    select last, 'master.released', ${nodeId}, ${`${nodeId} hands over`}, ${JSON.stringify({ to })}::jsonb from next
    returning true as released`.execute(db);
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
 *
 * @throws NOT_MASTER when the lease is not this one any more
 */
export async function fencedTransaction<T>(
  db: Kysely<Database>, lease: HeldLease, effect: (trx: Transaction<Database>) => Promise<T>,
): Promise<T> {
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
