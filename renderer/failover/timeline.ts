import type { EpochEntry } from '../../electron/contract/index.ts';

export interface Span {
  readonly epoch: number;
  readonly nodeId: string;
  readonly cause: EpochEntry['cause'];
  /** per cent of the shown time */
  readonly left: number;
  readonly width: number;
  readonly present: boolean;
}

/** How long an epoch lasted, or has lasted until now, milliseconds. */
export function epochLength(entry: EpochEntry, now: number): number {
  return Math.max(0, (entry.endedAt === null ? now : Date.parse(entry.endedAt)) - Date.parse(entry.since));
}

/**
 * The latest epochs, oldest first, as proportional parts of one bar. A part is never narrower than it can be seen
 * and pointed at; what that takes is given up by the longer ones.
 */
export function timelineOf(epochs: readonly EpochEntry[], now: number, most = 24): Span[] {
  const shown = [...epochs].sort((a, b) => a.epoch - b.epoch).slice(-most);
  const smallest = 1.2;
  const lengths = shown.map((entry) => epochLength(entry, now));
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const raw = lengths.map((length) => Math.max(smallest, total === 0 ? 100 / shown.length : (length / total) * 100));
  const excess = raw.reduce((sum, width) => sum + width, 0) - 100;
  const givers = raw.reduce((sum, width) => sum + (width > smallest ? width - smallest : 0), 0);
  let left = 0;
  return shown.map((entry, index) => {
    const own = raw[index] ?? smallest;
    const width = own > smallest && givers > 0 ? own - ((own - smallest) / givers) * excess : own;
    const span: Span = { epoch: entry.epoch, nodeId: entry.nodeId, cause: entry.cause, left, width, present: entry.endedAt === null };
    left += width;
    return span;
  });
}
