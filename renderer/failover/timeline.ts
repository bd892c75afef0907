import type { EpochEntry } from '../../electron/contract/index.ts';

export interface Span {
  /** null: the time since the last master was lost */
  readonly epoch: number | null;
  readonly nodeId: string;
  readonly cause: EpochEntry['cause'] | 'none';
  /** per cent of the shown time */
  readonly left: number;
  readonly width: number;
  readonly present: boolean;
}

/** How long an epoch lasted, or has lasted until now (`until`: or until its master was last seen), milliseconds. */
export function epochLength(entry: EpochEntry, until: number): number {
  return Math.max(0, (entry.endedAt === null ? until : Date.parse(entry.endedAt)) - Date.parse(entry.since));
}

/**
 * The latest epochs, oldest first, as proportional parts of one bar. A part is never narrower than it can be seen
 * and pointed at; what that takes is given up by the longer ones.
 *
 * @param lostAt when the last master was seen for the last time; null while there is one. The time since is a part of its own.
 */
export function timelineOf(epochs: readonly EpochEntry[], now: number, lostAt: number | null = null, most = 24): Span[] {
  const until = lostAt ?? now;
  const latest = [...epochs].sort((a, b) => a.epoch - b.epoch).slice(-most);
  const shown: Omit<Span, 'left' | 'width'>[] = latest.map(({ epoch, nodeId, cause, endedAt }) => ({ epoch, nodeId, cause, present: endedAt === null && lostAt === null }));
  const lengths = latest.map((entry) => epochLength(entry, until));
  if (lostAt !== null && latest.at(-1)?.endedAt === null) {
    shown.push({ epoch: null, nodeId: 'no master', cause: 'none', present: false });
    lengths.push(Math.max(0, now - lostAt));
  }
  const smallest = 1.2;
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const raw = lengths.map((length) => Math.max(smallest, total === 0 ? 100 / shown.length : (length / total) * 100));
  const excess = raw.reduce((sum, width) => sum + width, 0) - 100;
  const givers = raw.reduce((sum, width) => sum + (width > smallest ? width - smallest : 0), 0);
  let left = 0;
  return shown.map((part, index) => {
    const own = raw[index] ?? smallest;
    const width = own > smallest && givers > 0 ? own - ((own - smallest) / givers) * excess : own;
    const span: Span = { ...part, left, width };
    left += width;
    return span;
  });
}
