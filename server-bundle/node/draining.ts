import type { MemberSession } from '../cluster/session.ts';
import type { RequestCount } from './in-flight.ts';
import { pause } from './pause.ts';

export interface DrainTimes {
  /** how long requests are taken after ping has turned to 503 */
  readonly noticeMs: number;
  /** requests still under way after this are not waited for any more */
  readonly deadlineMs: number;
}

/**
 * One drain: caching is given up first, the lease is let go, requests are taken until every balancer has noticed, then those under way
 * finish. `cancel` takes it back at any moment.
 */
export class Drain {
  readonly #cancelled = new AbortController();
  readonly #hurry: AbortSignal;
  #noticeOver = false;

  /** @param hurry cuts notice and waiting short without taking the drain back */
  constructor(hurry: AbortSignal) {
    this.#hurry = hurry;
  }

  get takesRequests(): boolean {
    return !this.#noticeOver;
  }

  get cancelled(): boolean {
    return this.#cancelled.signal.aborted;
  }

  cancel(): void {
    this.#cancelled.abort();
  }

  /** Resolves to whether everything was finished in time; ask `cancelled` first. */
  async run(session: MemberSession, inFlight: RequestCount, times: DrainTimes): Promise<boolean> {
    const begun = performance.now();
    const interrupted = AbortSignal.any([this.#cancelled.signal, this.#hurry, session.signal]);
    session.state = 'draining';
    session.announce();
    await session.coherence.giveUpRight().catch(() => undefined);
    await session.lease.letGo(null).catch(() => false);
    await pause(times.noticeMs, interrupted);
    if (this.#cancelled.signal.aborted) return false;
    this.#noticeOver = true;
    const left = Math.max(0, Math.ceil(begun + times.deadlineMs - performance.now()));
    await inFlight.none(AbortSignal.any([interrupted, AbortSignal.timeout(left)]));
    return inFlight.count === 0;
  }
}
