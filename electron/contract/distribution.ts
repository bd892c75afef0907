/** What many measurements of the same thing come to, in their own unit. */
export interface Distribution {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** Percentiles by nearest rank, so that each is a value that was measured; null when nothing was. */
export function distributionOf(values: readonly number[]): Distribution | null {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number | undefined => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  const [p50, p99, max] = [at(0.5), at(0.99), at(1)];
  return p50 === undefined || p99 === undefined || max === undefined ? null : { count: sorted.length, p50, p99, max };
}
