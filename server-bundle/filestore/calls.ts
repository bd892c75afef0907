import { BulkheadError } from '../contract/index.ts';
import { afterSilence } from '../silence.ts';
import { asFilestoreError, FilestoreBusy, systemCode } from './failures.ts';

/** How long one call may take before its caller is told that the filestore hangs, milliseconds. */
export const callLimitMs = 20_000;
/** A sync may have a whole large body to write. */
export const syncLimitMs = 120_000;

/** Refusals that only a folder that is there can give. */
const answers = new Set(['ENOENT', 'EEXIST', 'ENOTEMPTY']);

/**
 * Calls into the shared folder. A hung mount never returns, and every call that waits for it holds one thread of libuv's
 * pool: so only `width` calls run at once, the rest queues here, and the pool keeps threads for everything else.
 */
export class Calls {
  readonly #width: number;
  readonly #queue: (() => void)[] = [];
  #running = 0;
  #answeredAt = -Infinity;

  /** when the folder last answered a call, with a result or with what only a folder that is there can say, on the clock of `performance.now` */
  get answeredAt(): number {
    return this.#answeredAt;
  }

  /** @param width calls that may run at the same time */
  constructor(width: number) {
    this.#width = width;
  }

  /**
   * Runs one call when there is room. After `limitMs` (waiting included) the caller gets FILESTORE_UNAVAILABLE, or OVERLOADED where the
   * folder goes on answering others: this node asks more of it than it can do. The call
   * keeps its place until it really returns, and a file that it opens too late is closed again.
   */
  run<T>(call: () => Promise<T>, limitMs = callLimitMs): Promise<T> {
    return this.#limited(call, limitMs, true);
  }

  /** The same for what may end in this host's memory: its success says nothing about the folder. */
  write<T>(call: () => Promise<T>, limitMs = callLimitMs): Promise<T> {
    return this.#limited(call, limitMs, false);
  }

  #limited<T>(call: () => Promise<T>, limitMs: number, isAnswer: boolean): Promise<T> {
    return new Promise((resolve, reject) => {
      let late = false;
      const ended = afterSilence(limitMs, () => {
        late = true;
        reject(this.#silence(limitMs));
      });
      this.#inTurn(call, () => late, isAnswer).finally(ended).then((value) => {
        if (late) closeLate(value).catch(() => undefined);
        else resolve(value);
      }, reject);
    });
  }

  async #inTurn<T>(call: () => Promise<T>, tooLate: () => boolean, isAnswer: boolean): Promise<T> {
    if (this.#running < this.#width) this.#running += 1;
    else await new Promise<void>((resolve) => { this.#queue.push(resolve); });
    try {
      // nobody waits for it any more: do not even begin
      if (tooLate()) throw new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer');
      const result = await call();
      if (isAnswer) this.#answeredAt = performance.now();
      return result;
    } catch (error) {
      // EIO or ESTALE is what a dead share says
      if (isAnswer && answers.has(systemCode(error) ?? '')) this.#answeredAt = performance.now();
      throw asFilestoreError(error);
    } finally {
      this.#leave();
    }
  }

  #silence(limitMs: number): BulkheadError {
    return performance.now() - this.#answeredAt < limitMs / 2
      ? new FilestoreBusy()
      : new BulkheadError('FILESTORE_UNAVAILABLE', 'The filestore does not answer');
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
