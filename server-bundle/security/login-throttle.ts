import { LRUCache } from 'lru-cache';
import { BulkheadError } from '../contract/index.ts';

/** Failed logins that are let through before the door closes for a while. */
const tolerated = { pair: 5, address: 50 } as const;
const firstPauseMs = 5_000;
const longestPauseMs = 15 * 60_000;
/** Failures are forgotten after this time without another. */
const memoryMs = 30 * 60_000;

/** Counted as a size: with `max`, the memory for all of them would be taken at once, for nobody. */
const remembered = { maxSize: 50_000, sizeCalculation: (): number => 1 };

interface Failures {
  count: number;
  /** monotonic milliseconds until which nothing is tried */
  closedUntil: number;
  /** the stored form of the password that they were held against; undefined: of nobody in particular */
  against: string | undefined;
}

/** What became of a login, for the other processes of the node: guesses count together, whichever process they reach. */
export type LoginEvent = { readonly user: string; readonly address: string } & (
  | { readonly outcome: 'failed'; readonly against: string | undefined }
  | { readonly outcome: 'succeeded' }
  /** the user has another password */
  | { readonly outcome: 'forget' }
);

/**
 * Slows guessing down: per user and address, and per address over all users. Each failure beyond what is tolerated doubles
 * the pause. A pair that has logged in before is not held up by the failures of others at its address (one build host with an old password must not
 * lock out everything behind the same router).
 */
export class LoginThrottle {
  readonly #pairs = new LRUCache<string, Failures>({ ...remembered, ttl: memoryMs });
  readonly #addresses = new LRUCache<string, Failures>({ ...remembered, ttl: memoryMs });
  readonly #known = new LRUCache<string, true>(remembered);
  readonly #now: () => number;
  /** told of what was decided in this process */
  onEvent: (event: LoginEvent) => void = () => undefined;

  /** @param now monotonic clock, milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes over what was decided in another process. */
  take(event: LoginEvent): void {
    const { user, address } = event;
    switch (event.outcome) {
      case 'failed': this.#failed(user, address, event.against); break;
      case 'succeeded': this.#succeeded(user, address); break;
      case 'forget': this.#forget(user, address); break;
    }
  }

  /** @throws LOGIN_THROTTLED with `details.retryAfterSeconds` */
  check(user: string, address: string): void {
    const waitMs = this.#waitMs(user, address);
    if (waitMs <= 0) return;
    throw new BulkheadError('LOGIN_THROTTLED', undefined, { details: { retryAfterSeconds: Math.ceil(waitMs / 1000) } });
  }

  /** What `check` decides, as an answer. */
  lets(user: string, address: string): boolean {
    return (this.#pairs.size === 0 && this.#addresses.size === 0) || this.#waitMs(user, address) <= 0;
  }

  #waitMs(user: string, address: string): number {
    const pair = pairKey(user, address);
    const closedUntil = Math.max(
      this.#pairs.get(pair)?.closedUntil ?? 0,
      this.#known.has(pair) ? 0 : this.#addresses.get(address)?.closedUntil ?? 0,
    );
    return closedUntil - this.#now();
  }

  /** Of a user who is held up: the stored form of the password that was not met; undefined when there is none. */
  missed(user: string, address: string): string | undefined {
    return this.#pairs.get(pairKey(user, address))?.against;
  }

  /** The user has another password by now: what failed before says nothing about it. */
  forget(user: string, address: string): void {
    this.#forget(user, address);
    this.onEvent({ outcome: 'forget', user, address });
  }

  #forget(user: string, address: string): void {
    this.#pairs.delete(pairKey(user, address));
    this.#known.set(pairKey(user, address), true);
  }

  /** @param against stored form of the password of a user who exists */
  failed(user: string, address: string, against?: string): void {
    this.#failed(user, address, against);
    this.onEvent({ outcome: 'failed', user, address, against });
  }

  #failed(user: string, address: string, against: string | undefined): void {
    this.#count(this.#pairs, pairKey(user, address), tolerated.pair, against);
    this.#count(this.#addresses, address, tolerated.address);
  }

  succeeded(user: string, address: string): void {
    const isNews = !this.#known.has(pairKey(user, address)) || this.#pairs.has(pairKey(user, address));
    this.#succeeded(user, address);
    if (isNews) this.onEvent({ outcome: 'succeeded', user, address });
  }

  #succeeded(user: string, address: string): void {
    const pair = pairKey(user, address);
    this.#pairs.delete(pair);
    this.#known.set(pair, true);
  }

  #count(failures: LRUCache<string, Failures>, key: string, free: number, against?: string): void {
    const count = (failures.get(key)?.count ?? 0) + 1;
    const pauseMs = count < free ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(20, count - free));
    failures.set(key, { count, closedUntil: this.#now() + pauseMs, against });
  }
}

function pairKey(user: string, address: string): string {
  return `${address} ${user}`;
}
