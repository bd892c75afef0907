export interface WaitOptions {
  /** give up after this many milliseconds; default 120,000: it only guards against waiting for ever, on a machine that is busy with other things */
  readonly timeoutMs?: number;
  /** milliseconds between two looks; default 20 */
  readonly everyMs?: number;
}

/**
 * Looks again and again until `look` gives something other than undefined, null or false, and returns that.
 * An error thrown by `look` counts as "not yet" and is told when the time is over.
 */
export async function waitFor<T>(
  what: string,
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  options: WaitOptions = {},
): Promise<T> {
  const { timeoutMs = 120_000, everyMs = 20 } = options;
  const deadline = performance.now() + timeoutMs;
  let lastError: Error | undefined;
  for (;;) {
    try {
      const found = await look();
      if (found !== undefined && found !== null && found !== false) return found;
      lastError = undefined;
    } catch (error) {
      lastError = error instanceof Error ? error : new Error('something that is no error was thrown', { cause: error });
    }
    if (performance.now() > deadline) {
      const reason = lastError === undefined ? '' : `; last error: ${lastError.message}`;
      throw new Error(`waited ${String(timeoutMs)} ms in vain for ${what}${reason}`, { cause: lastError });
    }
    await pause(everyMs);
  }
}

/** Resolves after `ms` milliseconds. For pacing only: a test waits for conditions. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** For vi.waitFor and vi.waitUntil, which give up after a second; only they move a fake clock on while they wait. */
export const patient = { timeout: 60_000 } as const;
