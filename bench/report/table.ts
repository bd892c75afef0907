import { reached, type Figure, type RowResult } from '../framework/row.ts';
import type { Spread } from '../framework/statistics.ts';

/** Three significant digits, thousands set apart. */
export function number(value: number): string {
  if (!Number.isFinite(value)) return 'unknown';
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: Math.abs(value) >= 100 ? 0 : digits });
}

/** "0.42 (0.39–0.45)" */
export function spread({ median, low, high, count }: Spread): string {
  return count === 1 ? number(median) : `${number(median)} (${number(low)}–${number(high)})`;
}

export function targetOf({ target }: Figure): string {
  if (target === null) return '';
  return `${target.sense === 'at least' ? '≥' : '≤'} ${number(target.value)}`;
}

export function verdict(figure: Figure): string {
  const met = reached(figure);
  return met === null ? '' : met ? 'reached' : '**missed**';
}

/** A row as lines for a terminal. */
export function printed({ figures, notes }: RowResult): string {
  const lines = figures.map((figure) => {
    const { what, unit, ours, theirs, peer, ratio } = figure;
    const held = theirs === null ? '' : `, ${peer ?? ''} ${number(theirs.median)} ${unit}, ratio ${ratio === null ? '' : spread(ratio)}`;
    return `  ${what}: ours ${number(ours.median)} ${unit}${held} ${targetOf(figure)} ${verdict(figure)}`.trimEnd();
  });
  return [...lines, ...notes.map((note) => `  ${note}`)].join('\n');
}
