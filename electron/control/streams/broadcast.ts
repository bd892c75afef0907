/** Longest queue of one listener. */
const longestQueue = 1000;

/** Sends values to whoever listens; each listener takes them at its own pace, and loses the oldest when it is far behind. */
export class Broadcast<T> {
  readonly #listeners = new Set<(value: T) => void>();

  send(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }

  /** Listening begins with the call, not with the first read. Ends when the signal aborts. */
  listen(signal: AbortSignal, accepts: (value: T) => boolean = () => true): AsyncIterable<T> {
    const queue: T[] = [];
    let wake = (): void => undefined;
    const listener = (value: T): void => {
      if (!accepts(value)) return;
      queue.push(value);
      if (queue.length > longestQueue) queue.shift();
      wake();
    };
    const stop = (): void => {
      this.#listeners.delete(listener);
      wake();
    };
    this.#listeners.add(listener);
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });

    return (async function* () {
      while (!signal.aborted) {
        const value = queue.shift();
        if (value !== undefined) yield value;
        else await new Promise<void>((resolve) => { wake = resolve; });
      }
    })();
  }
}
