import type { InFlight } from './context.ts';

/** Counts client requests under way and tells when there are none. */
export class RequestCount implements InFlight {
  #count = 0;
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  enter(): () => void {
    this.#count += 1;
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#count -= 1;
      if (this.#count === 0) for (const wake of this.#waiting.splice(0)) wake();
    };
  }

  /** Resolves when nothing is under way, or `signal` aborts. */
  async none(signal: AbortSignal): Promise<void> {
    while (this.#count > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
        signal.addEventListener('abort', () => { resolve(); }, { once: true });
      });
    }
  }
}
