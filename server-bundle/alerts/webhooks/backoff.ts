const firstMs = 2000;
const longestMs = 15 * 60_000;

/**
 * Pause after an attempt that failed, milliseconds: doubled each time up to a quarter of an hour, and spread by a fifth, so that a
 * receiver that comes back is not met by everything at once.
 * @param attempts made so far
 * @param random in [0, 1)
 */
export function pauseAfter(attempts: number, random = Math.random()): number {
  const base = Math.min(longestMs, firstMs * 2 ** Math.min(30, Math.max(0, attempts - 1)));
  return Math.round(base * (0.9 + 0.2 * random));
}
