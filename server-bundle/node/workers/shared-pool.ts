import type { Logger } from 'pino';
import { controlConnections } from '../../cluster/grants/distribute.ts';
import type { PoolState } from '../../contract/index.ts';
import type { OpenDatabase } from '../../metadata/connection/database.ts';
import { pause } from '../pause.ts';
import { mostWorkers, sharesOf } from './shares.ts';
import type { Worker } from './worker.ts';

export interface SharedPoolOptions {
  /** pool of this process */
  readonly own: OpenDatabase;
  /** workers that have begun and are to go on, in the order in which they are served */
  readonly staff: () => readonly Worker[];
  /** Lets a worker go for which the pool is too small; resolves when it has ended. */
  readonly dismiss: (worker: Worker) => Promise<void>;
  /** sessions of this incarnation that the server shows now */
  readonly sessionsAtServer: () => Promise<number>;
  /** Ends what sessions are left of processes that ended `agoMs` milliseconds ago; how many were seen. */
  readonly endStrays: (agoMs: number) => Promise<number>;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

const lookAgainMs = 20;
const tryAgainMs = 500;
/** A connection that was opened just before a process ended is known to everybody by then. */
const straysAfterMs = 100;

/**
 * The pool of a node with workers: one grant, of which every process holds a share. The shares are never more than the grant together: one that
 * grows waits until the server shows that the others have shrunk, and that nothing is left of a worker that ended.
 */
export class SharedPool implements OpenDatabase {
  readonly #options: SharedPoolOptions;
  #total: number;
  #arranging: Promise<void> = Promise.resolve();
  /** when the latest worker ended that may have sessions left; null: none */
  #lostAt: number | null = null;

  constructor(options: SharedPoolOptions) {
    this.#options = options;
    this.#total = options.own.state().max;
  }

  get db(): OpenDatabase['db'] {
    return this.#options.own.db;
  }

  livePids(): number[] {
    return this.#options.own.livePids();
  }

  state(): PoolState {
    const states = [this.#options.own.state(), ...this.#options.staff().flatMap(({ report }) => (report === null ? [] : [report.pool]))];
    const sum = (key: keyof PoolState): number => states.reduce((total, state) => total + state[key], 0);
    return { max: this.#total, inUse: sum('inUse'), idle: sum('idle'), waiting: sum('waiting') };
  }

  resize(max: number): Promise<void> {
    this.#total = max;
    return this.#arrange();
  }

  /** A worker has begun: it gets its share, once there is one. Never rejects. */
  async arrived(): Promise<void> {
    await this.#arrange().catch((error: unknown) => { this.#tryAgain(error); });
  }

  /** A worker has ended. */
  lost(): void {
    this.#lostAt = performance.now();
    void this.arrived();
  }

  #tryAgain(error: unknown): void {
    if (this.#options.signal.aborted) return;
    this.#options.log.warn({ err: error }, 'the connections could not be shared out');
    setTimeout(() => { if (!this.#options.signal.aborted) void this.arrived(); }, tryAgainMs).unref();
  }

  #arrange(): Promise<void> {
    const arranged = this.#arranging.catch(() => undefined).then(() => this.#arrangeOnce());
    this.#arranging = arranged;
    return arranged;
  }

  async #arrangeOnce(): Promise<void> {
    const { own, dismiss } = this.#options;
    const fitting = mostWorkers(this.#total);
    await Promise.all(this.#options.staff().slice(fitting).map(dismiss));
    const workers = this.#options.staff().slice(0, fitting);
    const shares = sharesOf(this.#total, workers.length);
    const wanted = workers.map((worker, index) => ({ worker, share: shares.workers[index] ?? 0 }));
    const shrinking = wanted.filter(({ worker, share }) => worker.share > share);
    const isShrinking = own.state().max > shares.own || shrinking.length > 0;
    await Promise.all([
      ...(own.state().max > shares.own ? [own.resize(shares.own)] : []),
      ...shrinking.map(({ worker, share }) => this.#resize(worker, share)),
    ]);
    if (isShrinking || this.#lostAt !== null) await this.#cleared();
    if (own.state().max < shares.own) await own.resize(shares.own);
    await Promise.all(wanted.filter(({ worker, share }) => worker.share < share).map(({ worker, share }) => this.#resize(worker, share)));
  }

  /** One that ends meanwhile is found by `lost`. */
  async #resize(worker: Worker, share: number): Promise<void> {
    try {
      // counted before it can use it, and until it has given it back
      worker.share = Math.max(worker.share, share);
      await worker.call('resize', share);
      worker.share = share;
      worker.isReady = share > 0 && !worker.isLeaving && !worker.hasEnded;
    } catch (error) {
      if (!worker.hasEnded) throw error;
    }
  }

  /** Waits until the server shows no more sessions than there are shares. */
  async #cleared(): Promise<void> {
    const { own, staff, sessionsAtServer, endStrays, signal } = this.#options;
    while (!signal.aborted) {
      const lostAt = this.#lostAt;
      if (lostAt !== null) {
        await pause(Math.max(0, lostAt + straysAfterMs - performance.now()), signal);
        if (await endStrays(performance.now() - lostAt) > 0) {
          await pause(lookAgainMs, signal);
          continue;
        }
        if (this.#lostAt === lostAt) this.#lostAt = null;
      }
      const held = staff().reduce((sum, { share }) => sum + share, own.state().max + controlConnections);
      if (await sessionsAtServer() <= held) return;
      await pause(lookAgainMs, signal);
    }
  }

  close(): Promise<void> {
    return this.#options.own.close();
  }
}
