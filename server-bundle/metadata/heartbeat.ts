import { sql } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import type { DesiredState, NodeFacts, NodeRates, PoolState } from '../contract/index.ts';

import { nodePoolSetting, poolSetting } from './pool-settings.ts';
import { identityColumns } from './connection/identity.ts';
import { effectiveDesired } from './membership.ts';

type OwnState = 'starting' | 'serving' | 'draining' | 'drained';

export interface HeartbeatReport {
  readonly incarnation: string;
  readonly nodeId: string;
  readonly state: OwnState;
  readonly inFlight: number;
  readonly pool: PoolState;
  readonly rates: NodeRates | null;
  /** null: as they were told before */
  readonly facts: NodeFacts | null;
  /** lease to renew; null when this node does not hold it */
  readonly leaseId: string | null;
}

/** A live incarnation as the database knows it. */
export interface MemberRow {
  readonly id: string;
  readonly nodeId: string;
  readonly url: string;
  readonly state: OwnState;
  readonly caching: boolean;
  readonly rightNumber: number;
  /** changes with each heartbeat; compared for equality only */
  readonly beat: string;
  /** milliseconds since its last heartbeat, by the database's clock */
  readonly ageMs: number;
}

/** A gone incarnation that somebody still has to clean up after. */
export interface GoneRow {
  readonly id: string;
  readonly nodeId: string;
  /** its sessions in the server; with none left it can never commit again */
  readonly sessions: number;
}

export interface LeaseRow {
  readonly epoch: number;
  readonly leaseId: string;
  readonly incarnation: string | null;
  readonly nodeId: string | null;
  readonly since: string;
  readonly released: boolean;
  readonly releasedTo: string | null;
}

export interface HeartbeatAnswer {
  /** the database's clock, milliseconds since 1970 */
  readonly now: number;
  readonly systemIdentifier: string;
  readonly timeline: number;
  /** null: this incarnation was marked gone (or its row is not there any more) */
  readonly own: { readonly caching: boolean; readonly rightNumber: number } | null;
  readonly renewed: boolean;
  readonly desired: DesiredState;
  /** milliseconds until the drain's deadline; null when there is none */
  readonly drainRemainingMs: number | null;
  readonly lease: LeaseRow | null;
  readonly members: readonly MemberRow[];
  readonly gone: readonly GoneRow[];
  readonly grant: { readonly pool: number; readonly target: number; readonly minimum: number; readonly wanted: number } | null;
  /** pool sizes that were set live, as they are stored */
  readonly pools: { readonly cluster: unknown; readonly node: unknown };
  readonly lastEvent: number;
  readonly collectionLocked: string | null;
}

/**
 * One round trip on the control connection: the own row (unless it is gone), the lease if it is held, and everything that
 * a member has to know. The returned `caching` and `rightNumber` are those of the row as it was updated, so a revocation
 * lies entirely before or entirely after.
 */
export async function beat(db: Reader, report: HeartbeatReport): Promise<HeartbeatAnswer> {
  const found = await sql<{ answer: HeartbeatAnswer }>`
    with own as (
      update incarnation set heartbeat_at = clock_timestamp(), state = ${report.state}, in_flight = ${report.inFlight},
        pool = ${JSON.stringify(report.pool)}::jsonb, rates = ${report.rates === null ? null : JSON.stringify(report.rates)}::jsonb,
        facts = coalesce(${report.facts === null ? null : JSON.stringify(report.facts)}::jsonb, facts)
      where id = ${report.incarnation} and gone_at is null
      returning caching, right_number
    ), renewal as (
      update leadership_renewal set renewed_at = clock_timestamp()
      where lease_id = ${report.leaseId}::uuid and not released and exists (select from own)
      returning lease_id
    ), identity as (select ${sql.raw(identityColumns)})
    select json_build_object(
      'now', (extract(epoch from clock_timestamp()) * 1000)::float8,
      'systemIdentifier', (select "systemIdentifier" from identity),
      'timeline', (select "timeline" from identity),
      'own', (select json_build_object('caching', caching, 'rightNumber', right_number) from own),
      'renewed', exists (select from renewal),
      'desired', ${effectiveDesired},
      'drainRemainingMs', extract(epoch from n.drain_deadline - clock_timestamp()) * 1000,
      'lease', (select json_build_object('epoch', l.epoch, 'leaseId', l.lease_id, 'incarnation', l.incarnation, 'nodeId', l.node_id,
          'since', l.since, 'released', coalesce(r.released, true), 'releasedTo', r.released_to)
        from leadership l left join leadership_renewal r on r.lease_id = l.lease_id),
      'members', (select coalesce(json_agg(json_build_object('id', i.id, 'nodeId', i.node_id, 'url', i.url, 'state', i.state,
          'caching', i.caching, 'rightNumber', i.right_number, 'beat', i.heartbeat_at,
          'ageMs', extract(epoch from clock_timestamp() - i.heartbeat_at) * 1000) order by i.id), '[]')
        from incarnation i where i.gone_at is null),
      'gone', (select coalesce(json_agg(json_build_object('id', g.id, 'nodeId', g.node_id, 'sessions',
          (select count(*) from pg_stat_activity a where a.application_name like 'bulkhead:%:' || g.id::text))), '[]')
        from incarnation g where g.gone_at is not null and not g.cleaned),
      'grant', (select json_build_object('pool', pool, 'target', target, 'minimum', minimum, 'wanted', wanted) from connection_grant where incarnation = ${report.incarnation}),
      'pools', json_build_object('cluster', (select value from setting where key = ${poolSetting}), 'node', (select value from setting where key = ${nodePoolSetting(report.nodeId)})),
      'lastEvent', (select last from event_sequence),
      'collectionLocked', (select collection_locked from cluster)
    ) as answer
    from node n where n.node_id = ${report.nodeId}`.execute(db);
  const row = found.rows[0];
  if (row === undefined) throw new Error('this node has no row');
  return row.answer;
}

