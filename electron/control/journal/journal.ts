import type { z } from 'zod';
import type { JournalEntry, journalQuery } from '../../contract/index.ts';
import type { State } from '../state/index.ts';
import { Broadcast } from '../streams/index.ts';

export type JournalQuery = z.output<typeof journalQuery>;

/** What somebody has to say; `id` and, unless given, the time are the journal's. */
export type NewEntry = Omit<JournalEntry, 'id' | 'at'> & {
  readonly at?: number;
  /** of an event of a cluster: its uuid and the number of the event there; a second one with the same is dropped */
  readonly origin?: { readonly cluster: string; readonly seq: number };
};

interface Row extends Omit<JournalEntry, 'detail'> { detail: string }

const columns = 'id, at, cluster_id as clusterId, source, severity, type, node_id as nodeId, message, detail';
/** Entries kept for each app; older ones go, a hundred at a time. */
const keptEntries = 50_000;

/** What happened: events of clusters, observations of this app, acts of people. Shared by all shells of this machine. */
export class Journal {
  readonly #state: State;
  readonly #broadcast = new Broadcast<JournalEntry>();

  constructor(state: State) {
    this.#state = state;
  }

  /** Returns the entry, or null when this event was written before (by this shell or another). */
  write(entry: NewEntry): JournalEntry | null {
    const at = entry.at ?? Date.now();
    const { changes, lastInsertRowid } = this.#state.prepare(`
      insert into journal_entry (at, cluster_id, source, severity, type, node_id, message, detail, origin, origin_seq)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) on conflict do nothing
    `).run(at, entry.clusterId, entry.source, entry.severity, entry.type, entry.nodeId, entry.message, JSON.stringify(entry.detail),
      entry.origin?.cluster ?? null, entry.origin?.seq ?? null);
    if (changes === 0) return null;
    const { clusterId, source, severity, type, nodeId, message, detail } = entry;
    const written = { id: Number(lastInsertRowid), at, clusterId, source, severity, type, nodeId, message, detail };
    if (written.id % 100 === 0) this.#state.prepare('delete from journal_entry where id <= ?').run(written.id - keptEntries);
    this.#broadcast.send(written);
    return written;
  }

  /** Newest first. */
  list(query: JournalQuery): { entries: JournalEntry[]; more: boolean } {
    const conditions: string[] = [];
    const values: (string | number)[] = [];
    const where = (condition: string, value: string | number | undefined): void => {
      if (value === undefined) return;
      conditions.push(condition);
      values.push(value);
    };
    where('cluster_id = ?', query.clusterId);
    where('id < ?', query.before);
    where('severity = ?', query.severity);
    where('source = ?', query.source);
    where('node_id = ?', query.nodeId);
    where(String.raw`(message || ' ' || type || ' ' || coalesce(node_id, '')) like ? escape '\'`, query.text === undefined ? undefined : `%${query.text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`);
    const filter = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
    const rows = this.#state.prepare<(string | number)[], Row>(`select ${columns} from journal_entry ${filter} order by id desc limit ?`).all(...values, query.limit + 1);
    return { entries: rows.slice(0, query.limit).map(toEntry), more: rows.length > query.limit };
  }

  /** Entries written from now on, by this shell. A listener that is far behind loses the oldest. */
  watch(clusterId: string | undefined, signal: AbortSignal): AsyncIterable<JournalEntry> {
    return this.#broadcast.listen(signal, (entry) => clusterId === undefined || entry.clusterId === clusterId);
  }

  /** Number of the newest event of a cluster that is in the journal; 0 when there is none. */
  lastSeq(cluster: string): number {
    const row = this.#state.prepare<[string], { seq: number | null }>('select max(origin_seq) as seq from journal_entry where origin = ?').get(cluster);
    return row?.seq ?? 0;
  }
}

function toEntry(row: Row): JournalEntry {
  return { ...row, detail: JSON.parse(row.detail) as Record<string, unknown> };
}
