import type { Topology } from '../../contract/index.ts';

/** How often a node is asked while somebody watches, milliseconds. */
export const pollingMs = 1000;
/** Older than three intervals: shown as stale. */
export const staleAfterMs = 3 * pollingMs;
/** Older than this: not shown as a fact any more. */
export const unknownAfterMs = 30_000;

/**
 * @param ageMs of the newest fact; null when there never was one
 * @param intervalMs time between two looks, where that is not the usual one
 */
export function freshnessOf(ageMs: number | null, intervalMs = pollingMs): Topology['freshness'] {
  if (ageMs === null || ageMs > Math.max(unknownAfterMs, 6 * intervalMs)) return 'unknown';
  return ageMs > Math.max(staleAfterMs, 3 * intervalMs) ? 'stale' : 'live';
}
