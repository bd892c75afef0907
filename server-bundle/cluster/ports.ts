import type { Kysely, Transaction } from 'kysely';
import type { ClusterEventType } from '../contract/index.ts';
import type { Database } from '../metadata/schema.ts';

/** A connection to read from: the pool, or one transaction. */
export type Reader = Kysely<Database> | Transaction<Database>;

/**
 * Names one cached answer, for example `artifact:12/org/acme/a.jar`. The part before the first colon is its kind.
 * Keys are made in `cluster/cache-keys.ts` and nowhere else.
 */
export type CacheKey = string;

/** What a change may alter: exact keys, and every key that begins with one of the prefixes. */
export interface Touched {
  readonly keys: readonly CacheKey[];
  readonly prefixes?: readonly string[];
}

/** Reads one key: from the cache while this node may, else through `fill`. `undefined` (absent) is never cached. */
export type ReadKey = <T>(key: CacheKey, fill: (db: Reader) => Promise<T | undefined>) => Promise<T | undefined>;

/** What the cache holds of one key at this moment; `undefined` when it holds nothing or the key is being changed. */
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as with ReadKey, the kind of the key says what its value is
export type PeekKey = <T>(key: CacheKey) => T | undefined;

/**
 * Cached answers that are linearizable per key on every node (design: caching right, prepare, commit, release).
 */
export interface Coherence {
  /** One key. Concurrent fills of a key are joined only while the database read has not been sent yet. */
  readonly read: ReadKey;
  /**
   * The same for a look inside a transaction: what may not be answered from the cache is asked through `trx`, so that nobody who holds a connection waits
   * for another one. Nothing is kept. `trx` is READ COMMITTED: each question sees what has been committed by then, and what `trx` has changed itself.
   */
  readWithin(trx: Reader): ReadKey;
  /**
   * Several keys that must belong together (rights and then content). `body` may run more than once: when one of
   * its keys was prepared since it began it runs again, at last inside one REPEATABLE READ transaction. No side effects.
   */
  snapshot<T>(body: (read: ReadKey) => Promise<T>): Promise<T>;
  /**
   * Answers from the cache alone, at one moment: nothing can change between the reads of `body`, as it waits for nothing, so what it finds
   * belongs together. `undefined` when `body` says so, or when this node may not answer from its cache now.
   */
  hot<T>(body: (peek: PeekKey) => T | undefined): T | undefined;
  /**
   * Prepares `touched` with every caching member, runs `commit`, releases. A member that does not acknowledge
   * loses its right first. When `commit` throws, the keys are released as well, and the error is thrown on; only an
   * error with code OUTCOME_UNKNOWN keeps them held until this incarnation knows the outcome or is gone.
   */
  change<T>(touched: Touched, commit: () => Promise<T>): Promise<T>;
  /** Whether this node may answer from its cache at this moment. */
  mayAnswer(): boolean;
}

export interface MasterView {
  readonly nodeId: string;
  readonly epoch: number;
  readonly since: Date;
}

/** The leadership lease as this node knows it. */
export interface Leadership {
  current(): MasterView | null;
  /** True only until start of the last successful renewal + TTL − margin, by the monotonic clock. */
  isMaster(): boolean;
  /**
   * One short transaction of master's work. Its first statement locks the epoch row FOR SHARE and compares epoch and
   * lease; throws NOT_MASTER when this incarnation does not hold them any more. Bounded by a statement limit below the TTL. After a deadlock, which undid everything, `effect` runs again.
   */
  fenced<T>(effect: (trx: Transaction<Database>, epoch: number) => Promise<T>): Promise<T>;
  /** Hands the lease over, to the named node or to any serving one. Resolves when the new master is known. */
  handOver(to?: string): Promise<MasterView>;
}

export interface NewEvent {
  readonly type: ClusterEventType;
  readonly nodeId?: string | null;
  /** one plain sentence */
  readonly message: string;
  readonly detail?: Record<string, unknown>;
}

export interface Events {
  /** Appends to the cluster-wide sequence, inside `trx` where the event belongs to a change. */
  publish(event: NewEvent, trx?: Transaction<Database>): Promise<void>;
}

/**
 * Everything that belongs to one incarnation of this node. When the incarnation ends (left, fenced, replaced) its
 * `signal` aborts, its pool closes, and nothing of it can commit any more.
 */
export interface Session {
  readonly nodeId: string;
  readonly incarnation: string;
  readonly db: Kysely<Database>;
  readonly coherence: Coherence;
  readonly leadership: Leadership;
  readonly events: Events;
  readonly signal: AbortSignal;
}
