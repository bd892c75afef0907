/** Does several things together: one result for each, in the same order. When it throws, all of them have failed. */
export type Together<Item, Result> = (items: readonly Item[]) => Promise<readonly Result[]>;

/** Longer than a commit takes where all is well, milliseconds. */
const lateMs = 20;

interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Gathers what comes while earlier work is under way, one piece of work at a time, and does it together. What comes when nothing is under way is done at
 * once; only where the work before was for several does the next one linger for a moment, as company may be expected then. Work that is late (a connection that
 * has fallen silent) is not waited for: the next begins beside it.
 */
export class Gathered<Item, Result> {
  readonly #work: Together<Item, Result>;
  readonly #most: number;
  readonly #lingerMs: number;
  #waiting: Waiting<Item, Result>[] = [];
  /** the one that is waited for */
  #underWay: symbol | undefined;
  #lingering: NodeJS.Timeout | undefined;
  #before = 0;

  /**
   * @param most     how many items one piece of work takes
   * @param lingerMs how long one waits for company where it may be expected, milliseconds
   */
  constructor(work: Together<Item, Result>, { most, lingerMs }: { readonly most: number; readonly lingerMs: number }) {
    this.#work = work;
    this.#most = most;
    this.#lingerMs = lingerMs;
  }

  /** The work that this item becomes part of has not begun yet: what it looks at, it sees as it is after this call. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#begin();
    });
  }

  #begin(): void {
    if (this.#underWay !== undefined || this.#waiting.length === 0) return;
    if (this.#before > 1 && this.#waiting.length < this.#most) this.#lingering ??= setTimeout(() => { this.#start(); }, this.#lingerMs);
    else this.#start();
  }

  #start(): void {
    clearTimeout(this.#lingering);
    this.#lingering = undefined;
    const taken = this.#waiting.splice(0, this.#most);
    this.#before = taken.length;
    const own = Symbol('work');
    this.#underWay = own;
    const over = (): void => {
      clearTimeout(late);
      if (this.#underWay !== own) return;
      this.#underWay = undefined;
      this.#begin();
    };
    const late = setTimeout(over, lateMs);
    void this.#do(taken).finally(over);
  }

  async #do(taken: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#work(taken.map(({ item }) => item));
      for (const [at, { resolve, reject }] of taken.entries()) {
        const result = results[at];
        if (result === undefined) reject(new Error('something that was done together has no result'));
        else resolve(result);
      }
    } catch (error) {
      for (const { reject } of taken) reject(error);
    }
  }
}
