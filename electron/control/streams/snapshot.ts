/** A value that changes, and whoever wants to see it: each watcher gets the present one first, and then always the newest. */
export class Snapshot<T> {
  #value: T;
  #version = 0;
  readonly #wakers = new Set<() => void>();

  constructor(value: T) {
    this.#value = value;
  }

  get value(): T {
    return this.#value;
  }

  get watchers(): number {
    return this.#wakers.size;
  }

  /** Returns the function that stops the calls. */
  onChange(listener: () => void): () => void {
    this.#wakers.add(listener);
    return () => this.#wakers.delete(listener);
  }

  set(value: T): void {
    this.#value = value;
    this.#version += 1;
    for (const wake of this.#wakers) wake();
  }

  /** A slow reader misses what was in between, never the newest. Ends when the signal aborts. */
  async* watch(signal: AbortSignal): AsyncGenerator<T> {
    let seen = -1;
    let wake = (): void => undefined;
    const onChange = (): void => wake();
    this.#wakers.add(onChange);
    signal.addEventListener('abort', onChange, { once: true });
    try {
      while (!signal.aborted) {
        if (seen !== this.#version) {
          seen = this.#version;
          yield this.#value;
        } else {
          await new Promise<void>((resolve) => { wake = resolve; });
        }
      }
    } finally {
      this.#wakers.delete(onChange);
      signal.removeEventListener('abort', onChange);
    }
  }
}
