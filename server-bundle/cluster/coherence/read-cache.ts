import { LRUCache } from 'lru-cache';
import type { CacheKey, PeekKey, Reader, Touched } from '../ports.ts';
import type { Holds } from './holds.ts';
import type { CachingRight } from './right.ts';
import type { CoherenceRules } from './rules.ts';

export type Fill<T> = (db: Reader) => Promise<T | undefined>;

/** What one composed read has looked at. */
export interface Reading {
  reads: number;
  readonly keys: Set<CacheKey>;
  /** one of its keys was, or was being, changed meanwhile */
  disturbed: boolean;
}

interface RunningFill {
  discarded: boolean;
}

interface Slot {
  /** has been sent: nobody may join it any more */
  running: Promise<unknown>;
  /** begins when `running` ends; everybody who comes meanwhile shares it */
  next: Promise<unknown> | undefined;
}

/** Asked anew after an await: somebody else may have set it meanwhile. */
const isDiscarded = (fill: RunningFill): boolean => fill.discarded;

/** What the computed documents (packuments, indexes) among the cached answers may hold together, with their compressed forms. */
const documentBytes = 192 * 1024 * 1024;
/** Any answer counts as this much: what there may be of them is a number of entries. */
const entryBytes = 256;

function sizeOf(value: unknown): number {
  const bytes = typeof value === 'object' && value !== null && 'bytes' in value && Buffer.isBuffer(value.bytes) ? value.bytes.length : 0;
  return entryBytes + Math.ceil(bytes * 1.25);
}

/** Cached answers of this member and the database reads under way for them. */
export class ReadCache {
  readonly #values: LRUCache<CacheKey, { readonly value: unknown }>;
  readonly #fills = new Map<CacheKey, Set<RunningFill>>();
  readonly #slots = new Map<CacheKey, Slot>();
  readonly #readings = new Set<Reading>();
  readonly #db: Reader;
  readonly #holds: Holds;
  readonly #right: CachingRight;
  readonly #rules: CoherenceRules;
  readonly #mayAnswer: () => boolean;

  constructor(options: {
    readonly entries: number; readonly db: Reader; readonly holds: Holds; readonly right: CachingRight;
    readonly rules: CoherenceRules; readonly mayAnswer: () => boolean;
  }) {
    // the number of entries is limited by hand: with `max`, memory for all of them would be taken at once
    this.#values = new LRUCache({ maxSize: documentBytes + options.entries * entryBytes, sizeCalculation: ({ value }) => sizeOf(value) });
    this.#db = options.db;
    this.#holds = options.holds;
    this.#right = options.right;
    this.#rules = options.rules;
    this.#mayAnswer = options.mayAnswer;
    this.#entries = options.entries;
  }

  readonly #entries: number;

  get size(): number {
    return this.#values.size;
  }

  /** Drops what `touched` names, discards its fills under way, disturbs composed reads that have used it. */
  drop(touched: Touched): void {
    const prefixes = touched.prefixes ?? [];
    for (const key of touched.keys) {
      this.#values.delete(key);
      if (this.#rules.fillDiscard) this.#discard(this.#fills.get(key));
    }
    if (prefixes.length > 0) {
      const below = (key: string): boolean => prefixes.some((prefix) => key.startsWith(prefix));
      for (const key of [...this.#values.keys()]) if (below(key)) this.#values.delete(key);
      if (this.#rules.fillDiscard) for (const [key, fills] of this.#fills) if (below(key)) this.#discard(fills);
    }
    for (const reading of this.#readings) {
      if (touched.keys.some((key) => reading.keys.has(key)) || [...reading.keys].some((key) => prefixes.some((prefix) => key.startsWith(prefix)))) {
        reading.disturbed = true;
      }
    }
  }

  /** Forgets everything. Holds stay. */
  clear(): void {
    this.#values.clear();
    if (this.#rules.fillDiscard) for (const fills of this.#fills.values()) this.#discard(fills);
    for (const reading of this.#readings) reading.disturbed = true;
  }

  #discard(fills: Set<RunningFill> | undefined): void {
    for (const fill of fills ?? []) fill.discarded = true;
  }

  /** Follows a composed read from its beginning; the returned function ends that. */
  follow(): { reading: Reading; [Symbol.dispose](): void } {
    const reading: Reading = { reads: 0, keys: new Set(), disturbed: false };
    this.#readings.add(reading);
    return { reading, [Symbol.dispose]: () => { this.#readings.delete(reading); } };
  }

  /** What may be answered from memory at this moment. */
  peek(key: CacheKey): { readonly value: unknown } | undefined {
    return this.#cached(key);
  }

  async read<T>(key: CacheKey, fill: Fill<T>, reading?: Reading): Promise<T | undefined> {
    if (reading !== undefined) {
      reading.reads += 1;
      reading.keys.add(key);
      if (this.#holds.isHeld(key)) reading.disturbed = true;
    }
    const cached = this.#cached(key);
    if (cached !== undefined) return cached.value as T;
    const slot = this.#slots.get(key);
    if (slot === undefined) {
      const begun: Slot = { running: Promise.resolve(), next: undefined };
      this.#slots.set(key, begun);
      return this.#occupy(key, begun, fill);
    }
    slot.next ??= slot.running.then(() => undefined, () => undefined).then(() => {
      slot.next = undefined;
      return this.#occupy(key, slot, fill);
    });
    return slot.next as Promise<T | undefined>;
  }

  #occupy<T>(key: CacheKey, slot: Slot, fill: Fill<T>): Promise<T | undefined> {
    const run = this.#run(key, fill);
    slot.running = run;
    const leave = (): void => {
      if (slot.running === run && slot.next === undefined) this.#slots.delete(key);
    };
    run.then(leave, leave);
    return run;
  }

  #holdsRight(): boolean {
    return this.#right.number !== null;
  }

  /** What is cached and not held. The caller has made sure, in the same turn of the event loop, that this member may answer. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- see PeekKey
  readonly hot: PeekKey = <T>(key: CacheKey): T | undefined => (this.#holds.isHeld(key) ? undefined : this.#values.get(key)?.value as T | undefined);

  #cached(key: CacheKey): { readonly value: unknown } | undefined {
    if (!this.#mayAnswer() || this.#holds.isHeld(key)) return undefined;
    return this.#values.get(key);
  }

  #keep(key: CacheKey, value: unknown): void {
    this.#values.set(key, { value });
    if (this.#values.size > this.#entries) this.#values.pop();
  }

  async #run<T>(key: CacheKey, fill: Fill<T>): Promise<T | undefined> {
    const cached = this.#cached(key);
    if (cached !== undefined) return cached.value as T;
    const { generation } = this.#right;
    const cacheable = this.#entries > 0 && this.#right.number !== null && !this.#holds.isHeld(key);
    const running: RunningFill = { discarded: false };
    const fills = this.#fills.get(key) ?? new Set();
    this.#fills.set(key, fills.add(running));
    try {
      await this.#rules.probe('fill');
      const value = await fill(this.#db);
      await this.#rules.probe('filled');
      const sameRight = !this.#rules.fillDiscard || this.#right.generation === generation;
      if (value !== undefined && cacheable && !isDiscarded(running) && sameRight && this.#holdsRight()) this.#keep(key, value);
      return value;
    } finally {
      fills.delete(running);
      if (fills.size === 0) this.#fills.delete(key);
    }
  }
}
