import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import type { DatabaseBudget, NodeFacts, DesiredState, DrainNote, NodeRates, PoolState } from '../contract/index.ts';
import { controlConnections } from '../cluster/grants/distribute.ts';
import { budgetFacts, budgetOf } from './grants.ts';
import { effectivePool, poolOverrides } from './pool-settings.ts';
import { effectiveDesired } from './membership.ts';

/** A node with its latest incarnation. */
export interface NodeRow {
  readonly nodeId: string;
  readonly desired: DesiredState;
  readonly drainDeadline: string | null;
  readonly drainUntil: string | null;
  readonly drainNote: DrainNote | null;
  readonly incarnation: string | null;
  readonly url: string;
  readonly version: string;
  readonly state: 'starting' | 'serving' | 'draining' | 'drained' | null;
  readonly startedAt: string | null;
  readonly heartbeatAt: string | null;
  readonly heartbeatAgeMs: number | null;
  readonly goneCause: 'left' | 'lost' | 'replaced' | 'fenced' | null;
  readonly caching: boolean;
  readonly inFlight: number;
  readonly pool: PoolState;
  readonly rates: NodeRates | null;
  readonly facts: NodeFacts | null;
}

export interface ClusterRows {
  readonly asOf: string;
  readonly id: string;
  readonly name: string;
  readonly collectionLocked: string | null;
  /** null when nobody holds the lease */
  readonly master: { readonly nodeId: string; readonly epoch: number; readonly since: string } | null;
  readonly nodes: readonly NodeRow[];
}

/** ISO 8601 with milliseconds, UTC. */
const iso = (column: string): ReturnType<typeof sql.raw> => sql.raw(`to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);

/** Everything about the members in one statement, so that it belongs together. */
export async function clusterRows(db: Reader): Promise<ClusterRows> {
  const found = await sql<{ rows: ClusterRows }>`
    with clock as (select clock_timestamp() as now)
    select json_build_object(
      'asOf', ${iso('clock.now')}, 'id', c.id, 'name', c.name, 'collectionLocked', c.collection_locked,
      'master', (select json_build_object('nodeId', l.node_id, 'epoch', l.epoch, 'since', ${iso('l.since')})
        from leadership l join leadership_renewal r on r.lease_id = l.lease_id and not r.released
        join incarnation i on i.id = l.incarnation and i.gone_at is null),
      'nodes', (select coalesce(json_agg(json_build_object(
          'nodeId', n.node_id, 'desired', ${effectiveDesired}, 'drainDeadline', ${iso('n.drain_deadline')},
          'drainUntil', ${iso('n.drain_until')}, 'drainNote', n.drain_note,
          'incarnation', i.id, 'url', coalesce(i.url, ''), 'version', coalesce(i.version, ''), 'state', i.state,
          'startedAt', ${iso('i.started_at')}, 'heartbeatAt', ${iso('i.heartbeat_at')},
          'heartbeatAgeMs', extract(epoch from clock.now - i.heartbeat_at) * 1000, 'goneCause', i.gone_cause,
          'caching', coalesce(i.caching, false), 'inFlight', coalesce(i.in_flight, 0),
          'pool', coalesce(i.pool, '{"max":0,"inUse":0,"idle":0,"waiting":0}'), 'rates', i.rates, 'facts', i.facts) order by n.node_id), '[]')
        from node n left join lateral (
          select * from incarnation where node_id = n.node_id order by gone_at is null desc, started_at desc limit 1) i on true
        where n.forgotten_at is null)
    ) as rows
    from cluster c, clock`.execute(db);
  const row = found.rows[0];
  if (row === undefined) throw new Error('the cluster has no row');
  return row.rows;
}

export interface BudgetRequest {
  readonly host: string;
  readonly port: number;
  readonly name: string;
  readonly keepForOthers: number;
  readonly minimumPerNode: number;
  readonly wantedPerNode: number;
}

/** The budget from the server's live settings, and who holds and uses what. */
export async function databaseBudget(db: Reader, request: BudgetRequest): Promise<DatabaseBudget> {
  const { keepForOthers, ...described } = request;
  const budget = budgetOf(await budgetFacts(db), keepForOthers);
  const { cluster } = await poolOverrides(db, '');
  const pool = effectivePool({ min: described.minimumPerNode - controlConnections, max: described.wantedPerNode - controlConnections }, { cluster, node: null });
  const grants = await sql<DatabaseBudget['grants'][number]>`
    select g.node_id as "nodeId", g.incarnation, g.pool, g.control, (select count(*)::int from pg_stat_activity a
      where a.application_name like 'bulkhead:%:' || g.incarnation::text) as observed
    from connection_grant g where g.pool > 0 order by g.node_id`.execute(db);
  const sessions = await sql<{ observed: number; foreign: number; version: string }>`
    select (count(*) filter (where application_name like 'bulkhead:%'))::int as observed,
      (count(*) filter (where application_name is null or application_name not like 'bulkhead:%'))::int as "foreign",
      current_setting('server_version') as version
    from pg_stat_activity
    where backend_type = 'client backend' or (backend_type is null and usesysid is not null and datid is not null)`.execute(db);
  const granted = grants.rows.reduce((sum, grant) => sum + grant.pool + grant.control, 0);
  const seen = sessions.rows[0] ?? { observed: 0, foreign: 0, version: '' };
  return {
    ...described, minimumPerNode: pool.min + controlConnections, wantedPerNode: pool.max + controlConnections, serverVersion: seen.version, maxConnections: budget.maxConnections, superuserReserved: budget.superuserReserved,
    reserved: budget.reserved, kept: budget.kept, limitedBy: budget.limitedBy, budget: budget.budget, granted,
    free: budget.budget - granted, observed: seen.observed, foreign: seen.foreign, grants: grants.rows,
  };
}

export interface StoredTotals {
  readonly storedBytes: number;
  readonly blobCount: number;
  readonly unreferencedBytes: number;
}

/** Sums over all blobs: ask it seldom. */
export async function storedTotals(db: Reader): Promise<StoredTotals> {
  const found = await sql<StoredTotals>`
    select coalesce(sum(size), 0)::bigint as "storedBytes", count(*) as "blobCount",
      coalesce((select sum(b.size) from collection_candidate c join blob b on b.id = c.blob_id where b.tombstoned_at is null), 0)::bigint
        as "unreferencedBytes"
    from blob where tombstoned_at is null`.execute(db);
  return found.rows[0] ?? { storedBytes: 0, blobCount: 0, unreferencedBytes: 0 };
}
