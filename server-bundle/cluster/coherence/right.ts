import type { Clock, Stamp } from '../clock.ts';

/** Told when the right is won, when it is lost, and of each heartbeat that confirmed it. */
export interface RightObserver {
  readonly won?: (right: number) => void;
  readonly lost?: () => void;
  readonly confirmed?: (sentAt: Stamp) => void;
}

/**
 * The caching right of this member: held from the end of the barrier until it is dropped, revoked or the incarnation ends, and
 * usable within the window after a heartbeat that confirmed it, measured from before that heartbeat was sent.
 */
export class CachingRight {
  readonly #clock: Clock;
  readonly #windowMs: number;
  readonly #observer: RightObserver;
  #number: number | null = null;
  #acquiring: number | null = null;
  #confirmedAt: Stamp | null = null;
  #generation = 0;

  constructor(clock: Clock, windowMs: number, observer: RightObserver = {}) {
    this.#clock = clock;
    this.#windowMs = windowMs;
    this.#observer = observer;
  }

  /** number of the right that is held; null: none */
  get number(): number | null {
    return this.#number;
  }

  /** the heartbeat that confirmed it last */
  get confirmedAt(): Stamp | null {
    return this.#confirmedAt;
  }

  /** number that members must count this node with: held, or passing the barrier */
  get claimed(): number | null {
    return this.#number ?? this.#acquiring;
  }

  /** Changes whenever the right is won or lost: nothing that was begun under another generation may be cached. */
  get generation(): number {
    return this.#generation;
  }

  begin(number: number): void {
    this.#acquiring = number;
  }

  /** The barrier is passed. Usable from the first heartbeat on that is sent from now. */
  win(): void {
    this.#number = this.#acquiring;
    this.#acquiring = null;
    this.#confirmedAt = null;
    this.#generation += 1;
    if (this.#number !== null) this.#observer.won?.(this.#number);
  }

  /** Returns the number that was held or being acquired. */
  lose(): number | null {
    const number = this.claimed;
    const wasHeld = this.#number !== null;
    this.#number = null;
    this.#acquiring = null;
    this.#confirmedAt = null;
    this.#generation += 1;
    if (wasHeld) this.#observer.lost?.();
    return number;
  }

  /** A heartbeat sent at `sentAt` found the right recorded. */
  confirm(sentAt: Stamp): void {
    this.#confirmedAt = sentAt;
    this.#observer.confirmed?.(sentAt);
  }

  usable(): boolean {
    return this.#number !== null && this.#confirmedAt !== null && this.#clock.since(this.#confirmedAt) < this.#windowMs;
  }

  /** The clocks disagree since the last confirmation: what the cache holds is not to be trusted any more. */
  jumped(): boolean {
    return this.#confirmedAt !== null && this.#clock.since(this.#confirmedAt) === Infinity;
  }
}
