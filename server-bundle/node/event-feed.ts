import type { Logger } from 'pino';
import type { Reader } from '../cluster/ports.ts';
import type { StoredEvent } from '../contract/index.ts';
import { eventRange, eventsAfter } from '../metadata/events.ts';
import type { ClusterEventFeed } from './runtime-options.ts';

interface Subscriber {
  /** null until the first event that is new to it is known */
  after: number | null;
  readonly sink: { event(event: StoredEvent): void; gap(from: number, to: number): void };
}

const batch = 500;

/** Reads the cluster's events as heartbeats say that there are more, once for everybody who follows them. */
export class EventFeed implements ClusterEventFeed {
  readonly #subscribers = new Set<Subscriber>();
  readonly #log: Logger;
  #db: Reader | null = null;
  #last: number | null = null;
  #reading = false;
  #again = false;

  constructor(log: Logger) {
    this.#log = log;
  }

  subscribe(after: number | null, sink: Subscriber['sink'], signal: AbortSignal): void {
    if (signal.aborted) return;
    const subscriber: Subscriber = { after: after ?? this.#last, sink };
    this.#subscribers.add(subscriber);
    signal.addEventListener('abort', () => this.#subscribers.delete(subscriber), { once: true });
    this.#deliver();
  }

  /** A heartbeat found `last` to be the newest event. */
  advance(last: number, db: Reader): void {
    this.#db = db;
    const before = this.#last;
    this.#last = last;
    for (const subscriber of this.#subscribers) subscriber.after ??= last;
    if (before === null || last !== before) this.#deliver();
  }

  #deliver(): void {
    if (this.#reading) {
      this.#again = true;
      return;
    }
    this.#reading = true;
    this.#read()
      .catch((error: unknown) => { this.#log.debug({ err: error }, 'events could not be read yet'); })
      .finally(() => {
        this.#reading = false;
        if (!this.#again) return;
        this.#again = false;
        this.#deliver();
      });
  }

  async #read(): Promise<void> {
    for (;;) {
      const behind = [...this.#subscribers].filter((subscriber) => subscriber.after !== null && subscriber.after !== this.#last);
      const db = this.#db;
      if (db === null || behind.length === 0) return;
      const { first, last } = await eventRange(db);
      for (const subscriber of behind) skipWhatIsGone(subscriber, first, last);
      const from = Math.min(...behind.map((subscriber) => subscriber.after ?? last));
      const events = await eventsAfter(db, from, batch);
      for (const subscriber of behind) deliver(subscriber, events);
      if (events.length < batch) {
        // what is newer than this look is announced by the next heartbeat
        this.#last = Math.max(this.#last ?? 0, events.at(-1)?.seq ?? from);
        if (behind.every((subscriber) => subscriber.after === this.#last)) return;
        if (events.length === 0) return;
      }
    }
  }
}

/** Events that were pruned, and a sequence that has gone back (a restored database), are told as a gap. */
function skipWhatIsGone(subscriber: Subscriber, first: number, last: number): void {
  const after = subscriber.after ?? last;
  if (after >= first - 1 && after <= last) return;
  subscriber.sink.gap(after > last ? 1 : after + 1, first - 1);
  subscriber.after = first - 1;
}

function deliver(subscriber: Subscriber, events: readonly StoredEvent[]): void {
  for (const event of events) {
    if (subscriber.after !== null && event.seq <= subscriber.after) continue;
    subscriber.after = event.seq;
    subscriber.sink.event(event);
  }
}
