import type { Topology } from '../../contract/index.ts';

/** How often a node is asked while somebody watches, milliseconds. */
export const pollingMs = 1000;
/** Older than three intervals: shown as stale. */
export const staleAfterMs = 3 * pollingMs;
/** Older than this: not shown as a fact any more. */
export const unknownAfterMs = 30_000;

/** @param ageMs of the newest fact; null when there never was one */
export function freshnessOf(ageMs: number | null): Topology['freshness'] {
  if (ageMs === null || ageMs > unknownAfterMs) return 'unknown';
  return ageMs > staleAfterMs ? 'stale' : 'live';
}
