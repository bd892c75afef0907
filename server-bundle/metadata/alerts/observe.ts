import { sql } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import type { DesiredState, NodeFacts, NodeRates, PoolState } from '../../contract/index.ts';
import { effectiveDesired } from '../membership.ts';

/** A node with its latest incarnation, as alerts look at it. Times are milliseconds. */
export interface ObservedNode {
  readonly nodeId: string;
  readonly desired: DesiredState;
  /** null: it has never joined */
  readonly incarnation: string | null;
  readonly version: string;
  readonly state: 'starting' | 'serving' | 'draining' | 'drained' | null;
  readonly goneCause: 'left' | 'lost' | 'replaced' | 'fenced' | null;
  /** since its last heartbeat */
  readonly ageMs: number;
  readonly pool: PoolState;
  readonly rates: NodeRates | null;
  readonly facts: NodeFacts | null;
}

export interface ObservedCluster {
  /** the database's clock, milliseconds since 1970 */
  readonly at: number;
  readonly id: string;
  readonly name: string;
  readonly collectionLocked: string | null;
  readonly lease: { readonly nodeId: string | null; readonly incarnation: string | null; readonly epoch: number; readonly ageMs: number; readonly cause: string | null } | null;
  /** when a master looked last; null before the first time */
  readonly evaluated: { readonly agoMs: number; readonly epoch: number } | null;
  readonly nodes: readonly ObservedNode[];
  /** webhooks with deliveries that were given up since the last one that was taken */
  readonly failingWebhooks: readonly { readonly name: string; readonly dead: number; readonly failure: string | null }[];
}

/** Everything that rules are held against, but for the connections, in one statement, so that it belongs together. */
export async function observeCluster(db: Reader): Promise<ObservedCluster> {
  const found = await sql<{ seen: ObservedCluster }>`
    with clock as (select clock_timestamp() as now)
    select json_build_object(
      'at', (extract(epoch from clock.now) * 1000)::float8, 'id', c.id, 'name', c.name, 'collectionLocked', c.collection_locked,
      'lease', (select json_build_object('nodeId', l.node_id, 'incarnation', l.incarnation, 'epoch', l.epoch,
          'ageMs', extract(epoch from clock.now - l.since) * 1000, 'cause', h.cause)
        from leadership l left join epoch_history h on h.epoch = l.epoch),
      'evaluated', (select json_build_object('agoMs', extract(epoch from clock.now - e.evaluated_at) * 1000, 'epoch', e.epoch) from alert_evaluation e),
      'nodes', (select coalesce(json_agg(json_build_object(
          'nodeId', n.node_id, 'desired', ${effectiveDesired}, 'incarnation', i.id, 'version', coalesce(i.version, ''), 'state', i.state,
          'goneCause', i.gone_cause, 'ageMs', coalesce(extract(epoch from clock.now - i.heartbeat_at) * 1000, 0),
          'pool', coalesce(i.pool, '{"max":0,"inUse":0,"idle":0,"waiting":0}'), 'rates', i.rates, 'facts', i.facts) order by n.node_id), '[]')
        from node n left join lateral (
          select * from incarnation where node_id = n.node_id order by gone_at is null desc, started_at desc limit 1) i on true
        where n.forgotten_at is null),
      'failingWebhooks', (select coalesce(json_agg(json_build_object('name', w.name, 'dead', d.count, 'failure', d.failure)), '[]')
        from webhook w join lateral (
          select count(*) as count, max(failure) as failure from webhook_delivery where webhook_id = w.id and state = 'dead' and ended_at > coalesce(
            (select max(taken.ended_at) from webhook_delivery taken where taken.webhook_id = w.id and taken.state = 'delivered'), '-infinity')) d on d.count > 0
        where w.enabled)
    ) as seen
    from cluster c, clock`.execute(db);
  const row = found.rows[0];
  if (row === undefined) throw new Error('the cluster has no row');
  return row.seen;
}
