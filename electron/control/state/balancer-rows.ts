import type { State } from './open-state.ts';

export interface BalancerRow {
  readonly id: string;
  readonly clusterId: string;
  readonly hostId: string;
  readonly product: 'nginx' | 'haproxy' | 'apache';
  /** JSON */
  readonly options: string;
  readonly appliedAt: number | null;
  /** JSON; null: never applied */
  readonly applied: string | null;
}

const columns = 'id, cluster_id as clusterId, host_id as hostId, product, options, applied_at as appliedAt, applied';

export function listBalancerRows(state: State): BalancerRow[] {
  return state.prepare<[], BalancerRow>(`select ${columns} from balancer order by rowid`).all();
}

/** One host is one balancer of a cluster: a second time changes product and options. */
export function putBalancerRow(state: State, { id, clusterId, hostId, product, options }: Pick<BalancerRow, 'id' | 'clusterId' | 'hostId' | 'product' | 'options'>): void {
  state.prepare(`
    insert into balancer (id, cluster_id, host_id, product, options) values (?, ?, ?, ?, ?)
    on conflict (cluster_id, host_id) do update set product = excluded.product, options = excluded.options
  `).run(id, clusterId, hostId, product, options);
}

export function noteBalancerApplied(state: State, id: string, appliedAt: number | null, applied: string | null): void {
  state.prepare('update balancer set applied_at = ?, applied = ? where id = ?').run(appliedAt, applied, id);
}

export function deleteBalancerRow(state: State, id: string): void {
  state.prepare('delete from balancer where id = ?').run(id);
}
