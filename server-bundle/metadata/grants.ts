import { sql, type Kysely, type Transaction } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import { controlConnections, distribute } from '../cluster/grants/distribute.ts';
import { sessionsOf } from './connection/session-settings.ts';
import { BulkheadError, type PoolChange, type PoolSizes } from '../contract/index.ts';
import { appendEvent } from './events.ts';
import { effectivePool, nodePoolSetting, overrideOf, poolOverrides, poolSetting, type PoolLimits } from './pool-settings.ts';
import { writeSetting } from './settings.ts';
import type { Database } from './schema.ts';

/** Connections that nobody is granted: a node needs one before it has a grant, and two may start at once. */
export const startupSlots = 2;

/** What the server allows, as it says now. */
export interface BudgetFacts {
  readonly maxConnections: number;
  readonly superuserReserved: number;
  /** PostgreSQL ≥ 16; 0 before */
  readonly reserved: number;
  /** CONNECTION LIMIT; null when there is none */
  readonly roleLimit: number | null;
  readonly databaseLimit: number | null;
}

export interface Budget extends BudgetFacts {
  /** what the operator keeps for others, plus the startup slots */
  readonly kept: number;
  readonly limitedBy: { readonly what: 'role' | 'database'; readonly limit: number } | null;
  /** connections that may be granted in total */
  readonly budget: number;
}

export async function budgetFacts(db: Reader): Promise<BudgetFacts> {
  const found = await sql<BudgetFacts>`
    select current_setting('max_connections')::int as "maxConnections",
      current_setting('superuser_reserved_connections')::int as "superuserReserved",
      coalesce(current_setting('reserved_connections', true), '0')::int as "reserved",
      (select nullif(rolconnlimit, -1) from pg_roles where rolname = current_user) as "roleLimit",
      (select nullif(datconnlimit, -1) from pg_database where datname = current_database()) as "databaseLimit"`.execute(db);
  const row = found.rows[0];
  if (row === undefined) throw new Error('the server did not say its limits');
  return row;
}

/** budget = max_connections − superuser_reserved − reserved − kept, and below a CONNECTION LIMIT less the startup slots. */
export function budgetOf(facts: BudgetFacts, keepForOthers: number): Budget {
  const kept = keepForOthers + startupSlots;
  const byServer = facts.maxConnections - facts.superuserReserved - facts.reserved - kept;
  const limits = ([['role', facts.roleLimit], ['database', facts.databaseLimit]] as const)
    .flatMap(([what, limit]) => (limit === null ? [] : [{ what, limit }]))
    .filter(({ limit }) => limit - startupSlots < byServer)
    .sort((a, b) => a.limit - b.limit);
  const limitedBy = limits[0] ?? null;
  return { ...facts, kept, limitedBy, budget: Math.max(0, limitedBy === null ? byServer : limitedBy.limit - startupSlots) };
}

export interface GrantRequest {
  readonly incarnation: string;
  readonly nodeId: string;
  /** connections besides the pool */
  readonly control: number;
  /** by the node's own configuration: connections without which it cannot work, and what it would like; sizes that were set live come before */
  readonly configured: PoolLimits;
}

export type GrantAnswer =
  | { readonly kind: 'granted'; readonly pool: number }
  /** there is room once others have shrunk, or dead sessions are gone */
  | { readonly kind: 'waiting' }
  | { readonly kind: 'refused'; readonly budget: Budget; readonly taken: number; readonly needed: number };

/** Serializes everything that changes grants; ends with the transaction. "bulkgrnt" in ASCII, below 2^63. */
const lockKey = '7094694033989103220';

async function locked<T>(db: Kysely<Database>, body: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
  return db.transaction().execute(async (trx) => {
    await sql`select pg_advisory_xact_lock(${lockKey}::bigint)`.execute(trx);
    await releaseDead(trx);
    return body(trx);
  });
}

/** A grant is free when its incarnation is gone and the server shows none of its sessions. */
async function releaseDead(trx: Transaction<Database>): Promise<void> {
  const freed = await sql<{ node_id: string; freed: number }>`
    delete from connection_grant g using incarnation i
    where i.id = g.incarnation and i.gone_at is not null
      and not exists (select from pg_stat_activity a where a.application_name like 'bulkhead:%:' || g.incarnation::text)
    returning g.node_id, g.pool + g.control as freed`.execute(trx);
  for (const row of freed.rows) {
    await appendEvent(trx, {
      type: 'grant.changed', nodeId: row.node_id, message: `${String(row.freed)} connections of ${row.node_id} are free again`,
      detail: { freed: row.freed },
    });
  }
}

interface GrantRow { incarnation: string; node_id: string; pool: number; target: number; control: number; minimum: number; wanted: number }

function grantRows(trx: Transaction<Database>): Promise<GrantRow[]> {
  return trx.selectFrom('connection_grant').selectAll().orderBy('updated_at').orderBy('incarnation').execute();
}

const takenBy = (rows: readonly GrantRow[]): number => rows.reduce((sum, row) => sum + Math.max(row.pool, 0) + row.control, 0);

/**
 * Asks for a grant, or asks again. Others are told to shrink when the budget has no room left; nothing is granted before the
 * server confirms that they have.
 */
export async function requestGrant(db: Kysely<Database>, request: GrantRequest, keepForOthers: number): Promise<GrantAnswer> {
  return locked(db, async (trx) => {
    const budget = budgetOf(await budgetFacts(trx), keepForOthers);
    const others = (await grantRows(trx)).filter((row) => row.incarnation !== request.incarnation);
    const { min: minimum, max: wanted } = effectivePool(request.configured, await poolOverrides(trx, request.nodeId));
    const mine = { incarnation: request.incarnation, control: request.control, minimum, wanted };
    const targets = distribute([...others, mine], budget.budget);
    if (targets === null) {
      await sql`delete from connection_grant where incarnation = ${request.incarnation} and pool = 0`.execute(trx);
      return { kind: 'refused', budget, taken: takenBy(others), needed: minimum + request.control };
    }
    await setTargets(trx, others, targets);
    const target = targets.get(request.incarnation) ?? minimum;
    const free = budget.budget - takenBy(others);
    const pool = Math.min(target, free - request.control);
    const enough = pool >= minimum;
    // a request that waits is a row that counts nothing: whoever distributes meanwhile knows of it
    await sql`
      insert into connection_grant (incarnation, node_id, pool, target, control, minimum, wanted)
      values (${request.incarnation}, ${request.nodeId}, ${enough ? pool : 0}, ${target}, ${enough ? request.control : 0}, ${minimum}, ${wanted})
      on conflict (incarnation) do update set pool = excluded.pool, target = excluded.target, control = excluded.control,
        minimum = excluded.minimum, wanted = excluded.wanted, updated_at = clock_timestamp()`.execute(trx);
    if (!enough) return { kind: 'waiting' };
    await appendEvent(trx, {
      type: 'grant.changed', nodeId: request.nodeId, message: `${request.nodeId} may hold ${String(pool + request.control)} connections`,
      detail: { pool, control: request.control },
    });
    return { kind: 'granted', pool };
  });
}

async function setTargets(trx: Transaction<Database>, rows: readonly GrantRow[], targets: ReadonlyMap<string, number>): Promise<void> {
  for (const row of rows) {
    const target = targets.get(row.incarnation);
    if (target === undefined || target === row.target) continue;
    await sql`update connection_grant set target = ${target}, updated_at = updated_at where incarnation = ${row.incarnation}`.execute(trx);
  }
}

/** Shares the budget out anew among those that hold a grant or wait for one: after somebody left, or the budget changed. */
export async function rebalance(db: Kysely<Database>, keepForOthers: number): Promise<void> {
  await locked(db, async (trx) => {
    const budget = budgetOf(await budgetFacts(trx), keepForOthers);
    const rows = await grantRows(trx);
    const targets = distribute(rows, budget.budget);
    // less than all minimums together: everybody goes on with the minimum, nobody is thrown out
    await setTargets(trx, rows, targets ?? new Map(rows.map((row) => [row.incarnation, row.minimum])));
  });
}

/**
 * The sizes that apply to a live incarnation have changed: its row says so, and the budget is shared out anew. Pools that become smaller
 * shrink first; nobody grows before there is room.
 */
export async function declarePool(db: Kysely<Database>, incarnation: string, { min, max }: PoolLimits, keepForOthers: number): Promise<void> {
  await locked(db, async (trx) => {
    await sql`update connection_grant set minimum = ${min}, wanted = ${max}, updated_at = updated_at where incarnation = ${incarnation}`.execute(trx);
    const budget = budgetOf(await budgetFacts(trx), keepForOthers);
    const rows = await grantRows(trx);
    const targets = distribute(rows, budget.budget);
    await setTargets(trx, rows, targets ?? new Map(rows.map((row) => [row.incarnation, row.minimum])));
  });
}

/**
 * Keeps new pool sizes for one node or for all; the nodes follow with their next heartbeats. Sizes for all take those of single nodes away.
 * Throws CONNECTION_BUDGET_EXHAUSTED when the budget does not hold the minimums, NODE_NOT_FOUND, PARAMETER_INVALID.
 */
export async function setPools(db: Kysely<Database>, change: PoolChange, by: string, keepForOthers: number): Promise<void> {
  const { nodeId, poolMin, poolMax } = change;
  if (poolMin !== undefined && poolMax !== undefined && poolMin > poolMax) throw new BulkheadError('PARAMETER_INVALID', 'The minimum of a pool cannot be above its maximum');
  const override = { ...(poolMin === undefined ? {} : { min: poolMin }), ...(poolMax === undefined ? {} : { max: poolMax }) };
  const isReset = poolMin === undefined && poolMax === undefined;
  await locked(db, async (trx) => {
    const rows = await grantRows(trx);
    const affected = (row: GrantRow): boolean => nodeId === undefined || row.node_id === nodeId;
    if (nodeId !== undefined && await trx.selectFrom('node').select('node_id').where('node_id', '=', nodeId).executeTakeFirst() === undefined) throw new BulkheadError('NODE_NOT_FOUND');
    const budget = budgetOf(await budgetFacts(trx), keepForOthers);
    const asked = rows.map((row) => {
      if (!affected(row) || isReset) return row;
      const { min, max } = effectivePool({ min: row.minimum, max: row.wanted }, { cluster: null, node: override });
      return { ...row, minimum: min, wanted: max };
    });
    if (distribute(asked, budget.budget) === null) {
      const needed = asked.reduce((sum, row) => sum + row.minimum + Math.max(row.control, controlConnections), 0);
      throw new BulkheadError('CONNECTION_BUDGET_EXHAUSTED', `The minimums of all pools together need ${String(needed)} connections; the budget is ${String(budget.budget)}`, {
        details: { needed, budget: budget.budget, maxConnections: budget.maxConnections },
      });
    }
    if (nodeId === undefined) await trx.deleteFrom('setting').where('key', 'like', `${poolSetting}:%`).execute();
    const key = nodeId === undefined ? poolSetting : nodePoolSetting(nodeId);
    if (isReset) await trx.deleteFrom('setting').where('key', '=', key).execute();
    else await writeSetting(trx, key, override);
    const whose = nodeId ?? 'all nodes';
    await appendEvent(trx, {
      type: 'grant.changed', nodeId: nodeId ?? null, detail: { ...override, by },
      message: isReset ? `${by} put the pool sizes of ${whose} back to the configuration` : `${by} set the pool of ${whose} to ${poolText(override)}`,
    });
  });
}

function poolText({ min, max }: { min?: number; max?: number }): string {
  return [...(min === undefined ? [] : [`at least ${String(min)}`]), ...(max === undefined ? [] : [`at most ${String(max)}`])].join(' and ');
}

/** Sizes that apply to the pools of live incarnations, and where they come from. */
export async function poolSizesNow(db: Reader): Promise<PoolSizes[]> {
  const rows = await sql<GrantRow>`select g.* from connection_grant g join incarnation i on i.id = g.incarnation and i.gone_at is null order by g.node_id`.execute(db);
  const settings = await db.selectFrom('setting').select(['key', 'value']).where((where) => where.or([where('key', '=', poolSetting), where('key', 'like', `${poolSetting}:%`)])).execute();
  const kept = new Map(settings.map(({ key, value }) => [key, overrideOf(value)]));
  const isForAll = (kept.get(poolSetting) ?? null) !== null;
  return rows.rows.map((row) => ({
    nodeId: row.node_id, poolMin: row.minimum, poolMax: row.wanted, granted: row.pool, target: row.target,
    source: (kept.get(nodePoolSetting(row.node_id)) ?? null) !== null ? 'node' : isForAll ? 'cluster' : 'configuration',
  }));
}

/** A shrink counts when the server confirms it: true once no more sessions than `pool` and the control ones are there. */
export async function confirmShrink(db: Kysely<Database>, incarnation: string, nodeId: string, pool: number): Promise<boolean> {
  return locked(db, async (trx) => {
    const done = await sql`
      update connection_grant set pool = ${pool}, updated_at = updated_at
      where incarnation = ${incarnation} and pool > ${pool}
        and (select count(*) from pg_stat_activity where application_name like ${sessionsOf(incarnation)}) <= ${pool} + control
      returning incarnation`.execute(trx);
    if (done.rows.length === 0) return false;
    await appendEvent(trx, {
      type: 'grant.changed', nodeId, message: `The pool of ${nodeId} shrank to ${String(pool)} connections`, detail: { pool },
    });
    return true;
  });
}

/** Grows a grant toward its target as far as there is room; returns the pool it may hold now. */
export async function growGrant(db: Kysely<Database>, incarnation: string, nodeId: string, keepForOthers: number): Promise<number | null> {
  return locked(db, async (trx) => {
    const budget = budgetOf(await budgetFacts(trx), keepForOthers);
    const rows = await grantRows(trx);
    const own = rows.find((row) => row.incarnation === incarnation);
    if (own === undefined) return null;
    // those that wait for their minimum come first
    const waiting = rows.filter((row) => row.pool === 0).reduce((sum, row) => sum + row.minimum + controlConnections, 0);
    const room = budget.budget - takenBy(rows) - waiting;
    const pool = Math.min(own.target, own.pool + Math.max(0, room));
    if (pool <= own.pool) return own.pool;
    await sql`update connection_grant set pool = ${pool}, updated_at = updated_at where incarnation = ${incarnation}`.execute(trx);
    await appendEvent(trx, {
      type: 'grant.changed', nodeId, message: `The pool of ${nodeId} grew to ${String(pool)} connections`, detail: { pool },
    });
    return pool;
  });
}

/** Frees what incarnations that are gone held, once the server shows none of their sessions. */
export async function releaseDeadGrants(db: Kysely<Database>): Promise<void> {
  await locked(db, () => Promise.resolve());
}

/** The own grant goes with a graceful end; the caller has closed its pool. */
export async function giveBackGrant(db: Kysely<Database>, incarnation: string): Promise<void> {
  await sql`delete from connection_grant where incarnation = ${incarnation}`.execute(db);
}
