import { describe, type Action, type Entry } from './history.ts';
import { Undecided } from './linearizability.ts';
import { isLinearizable, type GroupVerdict } from './registers.ts';

/** It changes nothing: leaving it out never makes a good history bad. */
const isLook = ({ kind }: Action): boolean => kind === 'read' || kind === 'list';

/** What was known of an operation that is cut off before its answer. */
export function withoutAnswer(action: Action): Action {
  switch (action.kind) {
    case 'delete': return { kind: 'delete', path: action.path };
    case 'move': return { kind: 'move', path: action.path, to: action.to };
    case 'copy': return { kind: 'copy', path: action.path, to: action.to };
    default: return action;
  }
}

/** Certainly not linearizable: a part that cannot be decided shows nothing. */
function isContradictory(paths: readonly string[], entries: readonly Entry[]): boolean {
  try {
    return !isLinearizable(paths, entries);
  } catch (error) {
    if (error instanceof Undecided) return false;
    throw error;
  }
}

/** The history as it stood at `time`. */
function until(time: number, entries: readonly Entry[]): Entry[] {
  return entries
    .filter(({ start }) => start <= time)
    .map((entry) => (entry.end !== null && entry.end <= time ? entry : { ...entry, end: null, action: withoutAnswer(entry.action) }));
}

/**
 * A small part of a history that is still not linearizable: cut off right after the first answer that no order explains,
 * and without the reads that the contradiction does not need.
 */
export function shrink({ paths, entries }: GroupVerdict): Entry[] {
  const moments = entries.flatMap(({ end }) => (end === null ? [] : [end])).sort((a, b) => a - b);
  let low = 0;
  let high = moments.length - 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (!isContradictory(paths, until(moments[middle]!, entries))) low = middle + 1;
    else high = middle;
  }
  let kept = until(moments[low]!, entries).filter(({ action, end }) => end !== null || !isLook(action));
  // leaving out reads never makes a good history bad; halves first, then smaller and smaller pieces
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < kept.length; from += size) {
      const without = kept.filter(({ action }, index) => !isLook(action) || index < from || index >= from + size);
      if (without.length < kept.length && isContradictory(paths, without)) kept = without;
    }
  }
  return kept;
}

/** What is printed when a check fails: the seed that repeats the run, and the end of the contradiction. */
export function explain(verdict: GroupVerdict, seed: number, lines = 40): string {
  if (verdict.undecided !== null) return `${verdict.undecided}: ${verdict.paths.join(', ')}; repeat with BULKHEAD_CHAOS_SEED=${String(seed)}`;
  const entries = shrink(verdict);
  const shown = entries.slice(-lines);
  return [
    `not linearizable: ${verdict.paths.join(', ')} (${String(verdict.entries.length)} operations); repeat with BULKHEAD_CHAOS_SEED=${String(seed)}`,
    ...(shown.length < entries.length ? [`… ${String(entries.length - shown.length)} earlier operations`] : []),
    ...shown.map(describe),
  ].join('\n');
}
