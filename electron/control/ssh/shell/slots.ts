/** Lets so many through at once, in the order in which they came. */
export class Slots {
  #limit: number;
  #used = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#limit = count;
  }

  /** how many are under way */
  get used(): number {
    return this.#used;
  }

  /** From now on no more than so many at once, and never fewer than one. What is under way goes on. */
  narrow(limit: number): void {
    this.#limit = Math.max(1, Math.min(this.#limit, limit));
  }

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#used >= this.#limit) await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
    else this.#used += 1;
    try {
      return await work();
    } finally {
      // its place goes to who waits longest, unless there are too many places
      const next = this.#used > this.#limit ? undefined : this.#waiting.shift();
      if (next === undefined) this.#used -= 1;
      else next();
    }
  }
}
