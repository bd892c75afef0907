import type { InFlight } from './context.ts';
import { pause } from './pause.ts';

/** Counts client requests under way and tells when there are none. */
export class RequestCount implements InFlight {
  #count = 0;
  readonly #byClient = new Map<string, number>();
  #waiting: (() => void)[] = [];

  get count(): number {
    return this.#count;
  }

  of(client: string): number {
    return this.#byClient.get(client) ?? 0;
  }

  enter(client: string): () => void {
    this.#count += 1;
    this.#byClient.set(client, this.of(client) + 1);
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#count -= 1;
      const rest = this.of(client) - 1;
      if (rest > 0) this.#byClient.set(client, rest);
      else this.#byClient.delete(client);
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

/** Requests under way in other processes of the node. */
export interface OtherRequests {
  /** as they said last */
  count(): number;
  /** asked now, after everything that they were told before */
  ask(): Promise<number>;
}

const askAgainMs = 20;

/** Counts those of this process and of its workers. */
export class NodeRequestCount extends RequestCount {
  readonly #others: OtherRequests;

  constructor(others: OtherRequests) {
    super();
    this.#others = others;
  }

  override get count(): number {
    return super.count + this.#others.count();
  }

  override async none(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await super.none(signal);
      if (await this.#others.ask() === 0 && super.count === 0) return;
      await pause(askAgainMs, signal);
    }
  }
}
