import { sql, type Kysely, type Transaction } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { BulkheadError, type DesiredState, type DrainNote } from '../contract/index.ts';
import { sessionsOf } from './connection/session-settings.ts';
import { appendEvent } from './events.ts';
import type { MemberRow } from './heartbeat.ts';
import { refuseForgotten } from './forgotten-nodes.ts';
import type { Database } from './schema.ts';

export interface Joining {
  readonly nodeId: string;
  readonly incarnation: string;
  readonly url: string;
  readonly version: string;
  /** a predecessor of another address whose heartbeat was seen to stand still for a whole TTL: it may be replaced */
  readonly stoodStill: { readonly incarnation: string; readonly beat: string } | null;
}

export interface Joined {
  /** incarnation of the same node that this one replaced */
  readonly replaced: string | null;
}

/** The node is held by a live incarnation elsewhere: what was seen of it, so that a later try can tell whether it stood still. */
export class NodeIdHeld extends BulkheadError {
  readonly holder: { readonly incarnation: string; readonly beat: string };

  constructor(nodeId: string, url: string, holder: { incarnation: string; beat: string }) {
    super('NODE_ID_IN_USE', `${nodeId} is in use at ${url}`, { details: { nodeId, url } });
    this.holder = holder;
  }
}

/**
 * Inserts the incarnation as "starting". A live predecessor with the same address is replaced at once: this process holds its
 * port, so it is dead. One with another address is replaced only when its heartbeat was seen to stand still.
 *
 * @throws NodeIdHeld, NODE_FORGOTTEN
 */
export async function join(db: Kysely<Database>, joining: Joining): Promise<Joined> {
  return db.transaction().execute(async (trx) => {
    await sql`insert into node (node_id) values (${joining.nodeId}) on conflict do nothing`.execute(trx);
    await refuseForgotten(trx, joining.nodeId);
    const found = await sql<{ id: string; url: string; beat: string }>`
      select id, url, heartbeat_at::text as beat from incarnation
      where node_id = ${joining.nodeId} and gone_at is null for update`.execute(trx);
    const before = found.rows[0];
    if (before !== undefined) await replace(trx, joining, before);
    await sql`insert into incarnation (id, node_id, url, version)
      values (${joining.incarnation}, ${joining.nodeId}, ${joining.url}, ${joining.version})`.execute(trx);
    await appendEvent(trx, {
      type: 'node.joined', nodeId: joining.nodeId, message: `${joining.nodeId} joins from ${joining.url}`,
      detail: { incarnation: joining.incarnation, url: joining.url, version: joining.version },
    });
    return { replaced: before?.id ?? null };
  });
}

async function replace(trx: Transaction<Database>, joining: Joining, before: { id: string; url: string; beat: string }): Promise<void> {
  const { stoodStill } = joining;
  const still = stoodStill !== null && stoodStill.incarnation === before.id && stoodStill.beat === before.beat;
  if (before.url !== joining.url && !still) {
    throw new NodeIdHeld(joining.nodeId, before.url, { incarnation: before.id, beat: before.beat });
  }
  await sql`update incarnation set gone_at = clock_timestamp(), gone_cause = 'replaced', caching = false where id = ${before.id}`.execute(trx);
}

export type GoneCause = 'left' | 'lost' | 'replaced' | 'fenced';

/** What the one who marks a member gone has seen of it: it must not have moved since. */
export interface Stillness {
  /** heartbeat as it was seen */
  readonly beat?: string;
  /** and it must be at least this old, milliseconds by the database's clock */
  readonly olderThanMs?: number;
}

/**
 * Marks an incarnation gone, for ever. From the commit on no new session of it passes its check; `endSessions` has to
 * follow, and `tellGone`. False when it was gone before, or has moved.
 */
export async function markGone(
  db: Kysely<Database>, member: { readonly id: string; readonly nodeId: string }, cause: GoneCause, still: Stillness = {},
): Promise<boolean> {
  const beat = still.beat ?? null;
  const found = await sql<{ id: string }>`
    update incarnation set gone_at = clock_timestamp(), gone_cause = ${cause}, caching = false
    where id = ${member.id} and gone_at is null
      and (${beat}::timestamptz is null or heartbeat_at = ${beat}::timestamptz)
      and heartbeat_at <= clock_timestamp() - make_interval(secs => ${(still.olderThanMs ?? 0) / 1000})
    returning id`.execute(db);
  return found.rows.length > 0;
}

/** Tells of it, after the deed: whatever holds the event sequence must not hold up a failover. */
export async function tellGone(db: Kysely<Database>, member: { readonly id: string; readonly nodeId: string }, cause: GoneCause): Promise<void> {
  await appendEvent(db, cause === 'left'
    ? { type: 'node.left', nodeId: member.nodeId, message: `${member.nodeId} left`, detail: { incarnation: member.id } }
    : { type: 'node.lost', nodeId: member.nodeId, message: `${member.nodeId} was lost`, detail: { incarnation: member.id, cause } });
}

/** Ends what sessions an incarnation still has; returns how many were seen. Call it until it says 0. */
export async function endSessions(db: Reader, incarnation: string): Promise<number> {
  const found = await sql<{ seen: number }>`
    select count(pg_terminate_backend(pid))::int as seen from pg_stat_activity
    where application_name like ${sessionsOf(incarnation)} and pid <> pg_backend_pid()`.execute(db);
  return found.rows[0]?.seen ?? 0;
}

/**
 * Ends sessions of a live incarnation that its process has lost sight of, begun more than `agoMs` milliseconds ago; returns how
 * many were seen.
 */
export async function endStrays(db: Reader, incarnation: string, livePids: readonly number[], agoMs: number): Promise<number> {
  const found = await sql<{ seen: number }>`
    select count(pg_terminate_backend(pid))::int as seen from pg_stat_activity
    where application_name like ${sessionsOf(incarnation)} and pid <> pg_backend_pid()
      and backend_start < clock_timestamp() - make_interval(secs => ${agoMs / 1000})
      and pid <> all (${[...livePids]}::int[])`.execute(db);
  return found.rows[0]?.seen ?? 0;
}

/** Sessions of an incarnation that the server shows now. */
export async function countSessions(db: Reader, incarnation: string): Promise<number> {
  const found = await sql<{ seen: number }>`
    select count(*)::int as seen from pg_stat_activity where application_name like ${sessionsOf(incarnation)}`.execute(db);
  return found.rows[0]?.seen ?? 0;
}

/** Live incarnations as they are committed now. */
export async function liveMembers(db: Reader): Promise<MemberRow[]> {
  const found = await sql<MemberRow>`
    select id, node_id as "nodeId", url, state, caching, right_number as "rightNumber", heartbeat_at::text as beat,
      (extract(epoch from clock_timestamp() - heartbeat_at) * 1000)::float8 as "ageMs"
    from incarnation where gone_at is null order by id`.execute(db);
  return found.rows;
}

/** Its sessions are ended, its holds released, its leftovers swept. */
export async function markCleaned(db: Reader, incarnation: string): Promise<void> {
  await sql`update incarnation set cleaned = true where id = ${incarnation} and gone_at is not null`.execute(db);
}

/**
 * Of some ids, those of incarnations that are nobody's to sweep any more: they have been cleaned (and perhaps forgotten), and have no session. A
 * process of theirs that only stood still may have written something since.
 */
export async function cleanedAmong(db: Reader, ids: readonly string[]): Promise<string[]> {
  const found = await sql<{ id: string }>`
    select given.id from unnest(${[...ids]}::text[]) as given(id)
    where not exists (select from incarnation i where i.id::text = given.id and (i.gone_at is null or not i.cleaned))
      and not exists (select from pg_stat_activity where application_name like 'bulkhead:%:' || given.id)`.execute(db);
  return found.rows.map((row) => row.id);
}

/** Gone and cleaned incarnations beyond the newest of each node serve nobody after a day. */
export async function forgetOldIncarnations(db: Reader): Promise<void> {
  await sql`
    delete from incarnation i where i.cleaned and i.gone_at < clock_timestamp() - interval '1 day'
      and exists (select from incarnation newer where newer.node_id = i.node_id and newer.started_at > i.started_at)
      and not exists (select from connection_grant g where g.incarnation = i.id)`.execute(db);
}

/** What is wanted of the node "n" now: a drain that has an end ends by itself, whoever asked for it. */
export const effectiveDesired = sql<DesiredState>`case when n.desired in ('draining', 'drained') and n.drain_until <= clock_timestamp() then 'serving' else n.desired end`;

export interface DrainEnd {
  /** the node serves again by itself after this time, seconds */
  readonly untilSeconds: number | null;
  readonly note: Omit<DrainNote, 'since'> | null;
}

/**
 * Says what an operator wants of a node. The deadline is in seconds from now; null: none.
 *
 * @throws NODE_NOT_FOUND
 */
export async function setDesired(
  db: Reader, nodeId: string, desired: 'serving' | 'draining' | 'drained', deadlineSeconds: number | null, end: DrainEnd = { untilSeconds: null, note: null },
): Promise<void> {
  const note = end.note === null ? null : JSON.stringify({ ...end.note, since: new Date().toISOString() });
  const found = await sql<{ node_id: string }>`
    update node set desired = ${desired},
      drain_deadline = case when ${desired} = 'drained' then drain_deadline else clock_timestamp() + make_interval(secs => ${deadlineSeconds}) end,
      drain_until = case when ${desired} = 'drained' then drain_until else clock_timestamp() + make_interval(secs => ${end.untilSeconds}) end,
      drain_note = case when ${desired} = 'drained' then drain_note else ${note}::jsonb end
    where node_id = ${nodeId} and forgotten_at is null and (${desired} <> 'drained' or desired = 'draining') returning node_id`.execute(db);
  if (found.rows.length > 0 || desired === 'drained') return;
  throw new BulkheadError('NODE_NOT_FOUND', `The cluster has no node "${nodeId}"`);
}
