export interface BatchLimits {
  /** entries of the first batch */
  readonly first: number;
  /** never fewer entries than this: every transaction has a cost that smaller ones do not lessen */
  readonly least: number;
  /** never more entries than this */
  readonly most: number;
  /** what a batch should take, milliseconds */
  readonly aimMs: number;
}

/**
 * How many entries go into the next transaction: as many as are done within the time that others may wait for it. A fast disk gets large
 * batches, so that what each transaction costs is hardly felt; a slow share gets small ones, so that none comes near the limit of the lease.
 */
export class BatchSize {
  readonly #limits: BatchLimits;
  #next: number;

  constructor(limits: BatchLimits) {
    this.#limits = limits;
    this.#next = limits.first;
  }

  /** entries of the next batch */
  get next(): number {
    return this.#next;
  }

  /** Does a batch of so many entries, and learns from the time that it takes. One that fails says nothing. */
  async timed<T>(entries: number, batch: () => Promise<T>): Promise<T> {
    const begun = performance.now();
    const result = await batch();
    this.learn(entries, performance.now() - begun);
    return result;
  }

  learn(entries: number, tookMs: number): void {
    const { least, most, aimMs } = this.#limits;
    const fitting = entries * aimMs / Math.max(tookMs, 0.1);
    // twice at most: one lucky batch must not make the next one far too large. Down at once: somebody waited too long
    this.#next = Math.max(least, Math.min(most, Math.floor(Math.min(fitting, Math.max(entries, this.#next) * 2))));
  }
}
