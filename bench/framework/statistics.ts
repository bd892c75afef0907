/** The middle of what was seen, and how far apart the rest lay. */
export interface Spread {
  readonly median: number;
  readonly low: number;
  readonly high: number;
  /** how many were seen */
  readonly count: number;
}

/** @throws when there is nothing to look at */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const low = sorted[0];
  const high = sorted.at(-1);
  if (low === undefined || high === undefined) throw new Error('nothing was measured');
  return { median: medianOf(sorted), low, high, count: sorted.length };
}

function medianOf(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  const above = sorted[Math.floor(middle)] ?? NaN;
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? NaN) + above) / 2 : above;
}

/** @param share between 0 and 1, for example 0.99 */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? NaN;
}

/** Ratios of what was measured in the same round: noise of the machine that lasts longer than a round meets both. */
export function ratiosOf(ours: readonly number[], theirs: readonly number[]): Spread {
  return spreadOf(ours.flatMap((value, round) => {
    const other = theirs[round];
    return other === undefined || other === 0 ? [] : [value / other];
  }));
}
