import type { Kysely } from 'kysely';
import type { Database } from '../../metadata/schema.ts';
import type { Clock } from '../clock.ts';
import type { Hold } from '../mesh/messages.ts';
import type { CacheKey, PeekKey, Reader, ReadKey } from '../ports.ts';
import { Holds, type HoldsObserver } from './holds.ts';
import { ReadCache, type Fill, type Reading } from './read-cache.ts';
import { CachingRight, type RightObserver } from './right.ts';
import type { CoherenceRules } from './rules.ts';

export interface CacheReaderOptions {
  readonly db: Kysely<Database>;
  readonly clock: Clock;
  readonly rules: CoherenceRules;
  readonly entries: number;
  readonly windowMs: number;
  readonly signal: AbortSignal;
}

/** A composed read is tried this often before it asks the database for one snapshot. */
const snapshotTries = 2;

/** The reader's half of coherence: a cache, and when it may answer. What it has to know comes from who extends it. */
export abstract class CacheReader {
  protected readonly holds: Holds;
  protected readonly right: CachingRight;
  protected readonly cache: ReadCache;
  /** whether there is a link to every serving member, over which its complete list of holds has arrived */
  protected linked = false;
  readonly #db: Kysely<Database>;
  readonly #signal: AbortSignal;

  constructor({ db, clock, rules, entries, windowMs, signal }: CacheReaderOptions, observer: HoldsObserver & RightObserver = {}) {
    this.#db = db;
    this.#signal = signal;
    this.holds = new Holds(undefined, observer);
    this.right = new CachingRight(clock, windowMs, observer);
    this.cache = new ReadCache({ entries, db, holds: this.holds, right: this.right, rules, mayAnswer: () => this.mayAnswer() });
    signal.addEventListener('abort', () => {
      this.right.lose();
      this.cache.clear();
    });
  }

  mayAnswer(): boolean {
    if (this.#signal.aborted || !this.linked) return false;
    if (this.right.usable()) return true;
    if (this.right.jumped()) this.cache.clear();
    return false;
  }

  readonly read: ReadKey = <T>(key: CacheKey, fill: Fill<T>): Promise<T | undefined> => this.cache.read(key, fill);

  readWithin(trx: Reader): ReadKey {
    return async <T>(key: CacheKey, fill: Fill<T>): Promise<T | undefined> => {
      const cached = this.cache.peek(key);
      return cached === undefined ? fill(trx) : cached.value as T;
    };
  }

  hot<T>(body: (peek: PeekKey) => T | undefined): T | undefined {
    return this.mayAnswer() ? body(this.cache.hot) : undefined;
  }

  async snapshot<T>(body: (read: ReadKey) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= snapshotTries && this.mayAnswer(); attempt += 1) {
      const { generation } = this.right;
      using followed = this.cache.follow();
      const { reading } = followed;
      const result = await settledResult(body(this.#readInto(reading)));
      const whole = !reading.disturbed && this.mayAnswer() && this.right.generation === generation;
      if (whole || reading.reads <= 1) return result();
    }
    return this.#db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
      .execute((trx) => body((_key, fill) => fill(trx)));
  }

  #readInto(reading: Reading): ReadKey {
    return (key, fill) => this.cache.read(key, fill, reading);
  }

  /** Entries in the cache. */
  get cachedEntries(): number {
    return this.cache.size;
  }

  /** Answers what `hold` names from the database from now on. */
  protected hold(writer: string, hold: Hold): void {
    this.holds.install(writer, hold);
    this.cache.drop(hold);
  }
}

/** A body that failed because it saw a torn state must not fail the caller before it is known whether it was whole. */
async function settledResult<T>(running: Promise<T>): Promise<() => T> {
  try {
    const value = await running;
    return () => value;
  } catch (error) {
    return () => { throw error; };
  }
}
