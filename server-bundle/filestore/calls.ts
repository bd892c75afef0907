import { setTimeout as after } from 'node:timers/promises';
import { BulkheadError } from '../contract/index.ts';
import { asFilestoreError } from './failures.ts';

/** How long one call may take before its caller is told that the filestore hangs, milliseconds. */
export const callLimitMs = 20_000;
/** A sync may have a whole large body to write. */
export const syncLimitMs = 120_000;

/**
 * Calls into the shared folder. A hung mount never returns, and every call that waits for it holds one thread of libuv's
 * pool: so only `width` calls run at once, the rest queues here, and the pool keeps threads for everything else.
 */
export class Calls {
  readonly #width: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;

  /** @param width calls that may run at the same time */
  constructor(width: number) {
    this.#width = width;
  }

  /**
   * Runs one call when there is room. After `limitMs` (waiting included) the caller gets FILESTORE_UNAVAILABLE; the call
   * keeps its place until it really returns, and a file that it opens too late is closed again.
   */
  async run<T>(call: () => Promise<T>, limitMs = callLimitMs): Promise<T> {
    const abort = new AbortController();
    let late = false;
    const work = this.#enter().then(async () => {
      try {
        // nobody waits for it any more: do not even begin
        if (late) throw new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer');
        return await call();
      } catch (error) {
        throw asFilestoreError(error);
      } finally {
        this.#leave();
      }
    });
    const limit = after(limitMs, undefined, { signal: abort.signal, ref: false }).then(
      () => { late = true; throw new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer'); },
      () => new Promise<never>(() => undefined),
    );
    work.then((value) => (late ? closeLate(value) : undefined)).catch(() => undefined);
    try {
      return await Promise.race([work, limit]);
    } finally {
      abort.abort();
    }
  }

  #enter(): Promise<void> {
    if (this.#running < this.#width) {
      this.#running += 1;
      return Promise.resolve();
    }
    return new Promise((resolve) => { this.#queue.push(resolve); });
  }

  #leave(): void {
    const next = this.#queue.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}

async function closeLate(value: unknown): Promise<void> {
  if (typeof value === 'object' && value !== null && 'close' in value && typeof value.close === 'function') {
    await (value.close as () => Promise<void>)();
  }
}
