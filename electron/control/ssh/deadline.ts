import { BulkheadError } from '../../../server-bundle/contract/index.ts';

/** A time limit that stands still while a person is asked. */
export class Deadline {
  readonly expired: Promise<never>;
  #reject: (error: unknown) => void = () => undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #milliseconds: number;
  readonly #error: () => BulkheadError;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => { this.#reject(new BulkheadError('CANCELLED')); };

  constructor(milliseconds: number, error: () => BulkheadError, signal?: AbortSignal) {
    this.#milliseconds = milliseconds;
    this.#error = error;
    this.#signal = signal;
    this.expired = new Promise((_resolve, reject) => { this.#reject = reject; });
    this.expired.catch(() => undefined);
    if (signal?.aborted === true) this.#onAbort();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
    this.resume();
  }

  pause(): void {
    clearTimeout(this.#timer);
  }

  resume(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => { this.#reject(this.#error()); }, this.#milliseconds);
  }

  /** Has to be called when it is not needed any more. */
  clear(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }
}
