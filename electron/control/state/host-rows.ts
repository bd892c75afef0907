import type { State } from './open-state.ts';

export interface HostRow {
  readonly id: string;
  readonly name: string;
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** JSON */
  readonly auth: string;
}

export function listHostRows(state: State): HostRow[] {
  return state.prepare<[], HostRow>('select id, name, address, port, user, auth from host order by added_at, name').all();
}

/** False when there is one with this name. */
export function insertHostRow(state: State, row: HostRow): boolean {
  return state.prepare(`
    insert into host (id, name, address, port, user, auth, added_at) values (@id, @name, @address, @port, @user, @auth, @addedAt)
    on conflict do nothing
  `).run({ ...row, addedAt: Date.now() }).changes === 1;
}

export function updateHostRow(state: State, row: HostRow): void {
  state.prepare('update host set name = @name, address = @address, port = @port, user = @user, auth = @auth where id = @id').run(row);
}

export function deleteHostRow(state: State, id: string): void {
  state.prepare('delete from host where id = ?').run(id);
}
