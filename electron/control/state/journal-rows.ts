import type { State } from './open-state.ts';

export interface JournalRow {
  readonly id: number;
  readonly at: number;
  readonly clusterId: string;
  readonly source: 'cluster' | 'observed' | 'operator';
  readonly severity: 'info' | 'warning' | 'bad';
  readonly type: string;
  readonly nodeId: string | null;
  readonly message: string;
  /** JSON */
  readonly detail: string;
}

export type NewJournalRow = Omit<JournalRow, 'id'> & { readonly origin: string | null; readonly originSeq: number | null };

/** All that are given must hold. */
export interface JournalFilter {
  readonly clusterId?: string | undefined;
  readonly before?: number | undefined;
  readonly severity?: string | undefined;
  readonly source?: string | undefined;
  readonly nodeId?: string | undefined;
  readonly type?: string | undefined;
  /** literal part of message, type or node */
  readonly text?: string | undefined;
}

const columns = 'id, at, cluster_id as clusterId, source, severity, type, node_id as nodeId, message, detail';

const conditions: Record<keyof JournalFilter, string> = {
  clusterId: 'cluster_id = ?',
  before: 'id < ?',
  severity: 'severity = ?',
  source: 'source = ?',
  nodeId: 'node_id = ?',
  type: 'type = ?',
  text: String.raw`(message || ' ' || type || ' ' || coalesce(node_id, '')) like ? escape '\'`,
};

/** The id of the new row; null when one with the same origin is there. */
export function insertJournalRow(state: State, row: NewJournalRow): number | null {
  const { changes, lastInsertRowid } = state.prepare(`
    insert into journal_entry (at, cluster_id, source, severity, type, node_id, message, detail, origin, origin_seq)
    values (@at, @clusterId, @source, @severity, @type, @nodeId, @message, @detail, @origin, @originSeq) on conflict do nothing
  `).run(row);
  return changes === 0 ? null : Number(lastInsertRowid);
}

/** Newest first. */
export function selectJournalRows(state: State, filter: JournalFilter, limit: number): JournalRow[] {
  const given = (Object.keys(conditions) as (keyof JournalFilter)[]).filter((name) => filter[name] !== undefined);
  const where = given.length === 0 ? '' : `where ${given.map((name) => conditions[name]).join(' and ')}`;
  const values = given.map((name) => (name === 'text' ? `%${(filter.text ?? '').replaceAll(/[\\%_]/g, String.raw`\$&`)}%` : filter[name]));
  return state.prepare<unknown[], JournalRow>(`select ${columns} from journal_entry ${where} order by id desc limit ?`).all(...values, limit);
}

export function deleteJournalRowsThrough(state: State, id: number): void {
  state.prepare('delete from journal_entry where id <= ?').run(id);
}

/** Highest number of an origin; 0 when there is none. */
export function lastOriginSeq(state: State, origin: string): number {
  return state.prepare<[string], { seq: number | null }>('select max(origin_seq) as seq from journal_entry where origin = ?').get(origin)?.seq ?? 0;
}
