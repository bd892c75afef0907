import type { ArgsOf, JournalEntry } from '../../electron/contract/index.ts';

/** What is typed and chosen above the journal; '' is "any". */
export interface JournalFilter {
  text: string;
  severity: '' | JournalEntry['severity'];
  source: '' | JournalEntry['source'];
  nodeId: string;
}

export const noFilter: Readonly<JournalFilter> = { text: '', severity: '', source: '', nodeId: '' };

/** The filter as the control room is asked for it. */
export function journalQueryOf(clusterId: string, filter: JournalFilter, before?: number): ArgsOf<'journal.list'> {
  const text = filter.text.trim();
  return {
    clusterId,
    limit: 100,
    ...(before === undefined ? {} : { before }),
    ...(text === '' ? {} : { text: text.slice(0, 200) }),
    ...(filter.severity === '' ? {} : { severity: filter.severity }),
    ...(filter.source === '' ? {} : { source: filter.source }),
    ...(filter.nodeId === '' ? {} : { nodeId: filter.nodeId }),
  };
}

/** Whether an entry that arrives live belongs into the filtered list. */
export function fitsFilter(entry: JournalEntry, filter: JournalFilter): boolean {
  const text = filter.text.trim().toLowerCase();
  return (filter.severity === '' || entry.severity === filter.severity)
    && (filter.source === '' || entry.source === filter.source)
    && (filter.nodeId === '' || entry.nodeId === filter.nodeId)
    && (text === '' || `${entry.message} ${entry.type} ${entry.nodeId ?? ''}`.toLowerCase().includes(text));
}

/** Newest first, each entry once. */
export function mergeEntries(known: readonly JournalEntry[], fresh: readonly JournalEntry[]): JournalEntry[] {
  const byId = new Map(known.map((entry) => [entry.id, entry]));
  for (const entry of fresh) byId.set(entry.id, entry);
  return [...byId.values()].sort((a, b) => b.id - a.id);
}
