import type { z } from 'zod';
import type { JournalEntry, journalQuery } from '../../contract/index.ts';
import { deleteJournalRowsThrough, insertJournalRow, lastOriginSeq, selectJournalRows, type JournalRow, type State } from '../state/index.ts';
import { Broadcast } from '../streams/index.ts';

export type JournalQuery = z.output<typeof journalQuery>;

/** What somebody has to say; `id` and, unless given, the time are the journal's. */
export type NewEntry = Omit<JournalEntry, 'id' | 'at'> & {
  readonly at?: number;
  /** of an event of a cluster: its uuid and the number of the event there; a second one with the same is dropped */
  readonly origin?: { readonly cluster: string; readonly seq: number };
};

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
    const { clusterId, source, severity, type, nodeId, message, detail, origin, at = Date.now() } = entry;
    const id = insertJournalRow(this.#state, {
      at, clusterId, source, severity, type, nodeId, message, detail: JSON.stringify(detail), origin: origin?.cluster ?? null, originSeq: origin?.seq ?? null,
    });
    if (id === null) return null;
    if (id % 100 === 0) deleteJournalRowsThrough(this.#state, id - keptEntries);
    const written = { id, at, clusterId, source, severity, type, nodeId, message, detail };
    this.#broadcast.send(written);
    return written;
  }

  /** Newest first. */
  list(query: JournalQuery): { entries: JournalEntry[]; more: boolean } {
    const { limit, ...filter } = query;
    const rows = selectJournalRows(this.#state, filter, limit + 1);
    return { entries: rows.slice(0, limit).map(toEntry), more: rows.length > limit };
  }

  /** The newest entries of one type about a cluster, newest first. */
  ofType(clusterId: string, type: string, limit: number): JournalEntry[] {
    return selectJournalRows(this.#state, { clusterId, type }, limit).map(toEntry);
  }

  /** Entries written from now on, by this shell. A listener that is far behind loses the oldest. */
  watch(clusterId: string | undefined, signal: AbortSignal): AsyncIterable<JournalEntry> {
    return this.#broadcast.listen(signal, (entry) => clusterId === undefined || entry.clusterId === clusterId);
  }

  /** Number of the newest event of a cluster that is in the journal; 0 when there is none. */
  lastSeq(cluster: string): number {
    return lastOriginSeq(this.#state, cluster);
  }
}

function toEntry(row: JournalRow): JournalEntry {
  return { ...row, detail: JSON.parse(row.detail) as Record<string, unknown> };
}
