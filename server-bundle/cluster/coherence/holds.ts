import type { CacheKey } from '../ports.ts';
import type { Hold } from '../mesh/messages.ts';

/** Counts of holders; an entry goes with its last one. */
class Counted {
  readonly #counts = new Map<string, number>();

  add(name: string, by: 1 | -1): void {
    const count = (this.#counts.get(name) ?? 0) + by;
    if (count === 0) this.#counts.delete(name);
    else this.#counts.set(name, count);
  }

  has(name: string): boolean {
    return this.#counts.has(name);
  }

  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  names(): IterableIterator<string> {
    return this.#counts.keys();
  }
}

interface HoldsOfWriter {
  readonly byNumber: Map<number, Hold>;
  /** when the latest arrived, milliseconds of the monotonic clock */
  latestAt: number;
}

/** Told of each hold that is new, and of each that is over. */
export interface HoldsObserver {
  readonly held?: (writer: string, hold: Hold) => void;
  readonly released?: (writer: string, number: number) => void;
}

/**
 * Active changes of all writers, as this member knows them. A key is answered from the cache only while nobody holds it.
 * Holds outlive the link they came over and every emptying of the cache; no time-out ends them, only their writer does, or
 * its proven end.
 */
export class Holds {
  readonly #writers = new Map<string, HoldsOfWriter>();
  readonly #keys = new Counted();
  readonly #prefixes = new Counted();
  readonly #now: () => number;
  readonly #observer: HoldsObserver;

  constructor(now: () => number = () => performance.now(), observer: HoldsObserver = {}) {
    this.#now = now;
    this.#observer = observer;
  }

  install(writer: string, hold: Hold): void {
    let own = this.#writers.get(writer);
    if (own === undefined) this.#writers.set(writer, (own = { byNumber: new Map(), latestAt: 0 }));
    own.latestAt = this.#now();
    if (own.byNumber.has(hold.number)) return;
    own.byNumber.set(hold.number, hold);
    this.#count(hold, 1);
    this.#observer.held?.(writer, hold);
  }

  release(writer: string, number: number): void {
    const own = this.#writers.get(writer);
    const hold = own?.byNumber.get(number);
    if (own === undefined || hold === undefined) return;
    own.byNumber.delete(number);
    this.#count(hold, -1);
    if (own.byNumber.size === 0) this.#writers.delete(writer);
    this.#observer.released?.(writer, number);
  }

  /** A writer's complete list: what is not in it is over. */
  resync(writer: string, holds: readonly Hold[]): void {
    const present = new Set(holds.map((hold) => hold.number));
    for (const number of [...(this.#writers.get(writer)?.byNumber.keys() ?? [])]) if (!present.has(number)) this.release(writer, number);
    for (const hold of holds) this.install(writer, hold);
  }

  /** The writer's incarnation is gone and its sessions have been ended. */
  dropWriter(writer: string): void {
    this.resync(writer, []);
  }

  /** Writers with holds, and when the latest of each arrived. */
  writers(): { writer: string; latestAt: number }[] {
    return [...this.#writers].map(([writer, { latestAt }]) => ({ writer, latestAt }));
  }

  of(writer: string): Hold[] {
    return [...(this.#writers.get(writer)?.byNumber.values() ?? [])];
  }

  isHeld(key: CacheKey): boolean {
    // mostly nobody changes anything, and every hot read asks several times
    if (!this.#keys.isEmpty && this.#keys.has(key)) return true;
    if (this.#prefixes.isEmpty) return false;
    for (const prefix of this.#prefixes.names()) if (key.startsWith(prefix)) return true;
    return false;
  }

  #count(hold: Hold, by: 1 | -1): void {
    for (const key of new Set(hold.keys)) this.#keys.add(key, by);
    for (const prefix of new Set(hold.prefixes)) this.#prefixes.add(prefix, by);
  }
}
