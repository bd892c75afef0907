import type { State } from './open-state.ts';

export interface ClusterRow {
  readonly id: string;
  readonly name: string;
  readonly kind: 'demo' | 'lan';
  /** JSON */
  readonly access: string;
}

export function listClusterRows(state: State): ClusterRow[] {
  return state.prepare<[], ClusterRow>('select id, name, kind, access from cluster order by kind, added_at').all();
}

export function putClusterRow(state: State, row: ClusterRow): void {
  state.prepare(`
    insert into cluster (id, name, kind, access, added_at) values (@id, @name, @kind, @access, @addedAt)
    on conflict (id) do update set name = excluded.name, access = excluded.access
  `).run({ ...row, addedAt: Date.now() });
}

/** Together with what is remembered of its alerts. */
export function deleteClusterRow(state: State, id: string): void {
  state.transaction(() => {
    state.prepare('delete from cluster where id = ?').run(id);
    for (const table of ['alert_acknowledgement', 'alert_mute']) state.prepare(`delete from ${table} where cluster_id = ?`).run(id);
  }).immediate();
}
