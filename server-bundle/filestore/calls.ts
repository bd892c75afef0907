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
  run<T>(call: () => Promise<T>, limitMs = callLimitMs): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const timer = setTimeout(() => {
        late = true;
        reject(new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer'));
      }, limitMs).unref();
      this.#inTurn(call, () => late).finally(() => { clearTimeout(timer); }).then((value) => {
        if (late) closeLate(value).catch(() => undefined);
        else resolve(value);
      }, reject);
    });
  }

  async #inTurn<T>(call: () => Promise<T>, tooLate: () => boolean): Promise<T> {
    if (this.#running < this.#width) this.#running += 1;
    else await new Promise<void>((resolve) => { this.#queue.push(resolve); });
    try {
      // nobody waits for it any more: do not even begin
      if (tooLate()) throw new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer');
      return await call();
    } catch (error) {
      throw asFilestoreError(error);
    } finally {
      this.#leave();
    }
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
