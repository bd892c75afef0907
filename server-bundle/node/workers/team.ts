import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import type { MemberCoherence } from '../../cluster/coherence/coherence.ts';
import type { ReaderNews } from '../../cluster/coherence/followers.ts';
import type { Team } from '../../cluster/team.ts';
import type { OpenDatabase } from '../../metadata/connection/database.ts';
import type { LoginEvent } from '../../security/login-throttle.ts';
import { pause } from '../pause.ts';
import type { MeshRequest, NodeNews, NodeServices, Secrets, WorkerReport, WorkerStart } from './messages.ts';
import { SharedPool } from './shared-pool.ts';
import { mostWorkers } from './shares.ts';
import { Worker } from './worker.ts';
import type { WorkerProcess } from './worker-process.ts';

export interface TeamOptions {
  readonly count: number;
  readonly hire: () => WorkerProcess;
  /** never the same twice in the life of this process */
  readonly ordinal: () => number;
  /** A worker that leaves unanswered for this long what it was told is killed, milliseconds. */
  readonly silenceMs: number;
  /** Workers hear of their node at least this often, milliseconds. */
  readonly publishMs: number;
  /** requests that a dismissed worker has under way may take this long, milliseconds */
  readonly finishMs: number;
  readonly start: () => Omit<WorkerStart, 'ordinal'>;
  readonly node: () => NodeNews;
  readonly services: Omit<NodeServices, 'begin'>;
  readonly look: () => void;
  readonly mesh: (request: MeshRequest, socket: Socket) => void;
  /** one has ended without being told to, or did not answer */
  readonly failed: () => void;
  /** a login that a worker has decided */
  readonly login: (event: LoginEvent) => void;
  /** pool of this process */
  readonly own: OpenDatabase;
  readonly sessionsAtServer: () => Promise<number>;
  /** Ends sessions of this incarnation that are neither of this process nor behind `livePids`; how many were seen. */
  readonly endStrays: (livePids: readonly number[], agoMs: number) => Promise<number>;
  readonly log: Logger;
}

const watchMs = 100;
/** A worker's program is there within this time, or it is begun anew. */
const loadingMs = 30_000;
const firstBackOffMs = 100;
const longestBackOffMs = 10_000;
/** Whoever has lived for this long did not fail at once. */
const livedMs = 10_000;
/** A worker that was told to stop ends within this time after its requests, or is killed. */
const endingMs = 2000;

/** Asked anew after an await. */
const isLeaving = (worker: Worker): boolean => worker.isLeaving;

/**
 * The workers of one incarnation. They are kept at their number while it lives, and all of them end with it. One that does not answer is killed,
 * because nobody may be told anything on its behalf before it has answered or ended.
 */
export class WorkerTeam implements Team {
  readonly pool: SharedPool;
  readonly gone: Promise<void>;
  readonly #options: TeamOptions;
  readonly #workers = new Set<Worker>();
  readonly #ended = new AbortController();
  readonly #allGone = Promise.withResolvers<undefined>();
  readonly #watch: NodeJS.Timeout;
  #coherence: MemberCoherence | null = null;
  #backOffMs = firstBackOffMs;
  #isPausing = false;
  /** what would be started is of another version, with which this process cannot speak */
  #isReplaced = false;
  #publishedAt = 0;

  constructor(options: TeamOptions) {
    this.#options = options;
    this.gone = this.#allGone.promise.then(() => undefined);
    this.pool = new SharedPool({
      own: options.own, log: options.log, signal: this.#ended.signal,
      staff: () => [...this.#workers].filter((worker) => worker.isRegistered && !worker.isLeaving),
      dismiss: (worker) => this.#dismiss(worker, options.finishMs),
      sessionsAtServer: options.sessionsAtServer,
      endStrays: async (agoMs) => options.endStrays(await this.livePids(), agoMs),
    });
    this.#watch = setInterval(() => { this.#look(); }, watchMs).unref();
  }

  begin(coherence: MemberCoherence): void {
    this.#coherence = coherence;
    this.#fill();
  }

  /** Workers that may be given clients. */
  ready(): Worker[] {
    return [...this.#workers].filter((worker) => worker.isReady && !worker.isLeaving && !worker.isDoomed);
  }

  reports(): WorkerReport[] {
    return [...this.#workers].flatMap(({ report }) => (report === null ? [] : [report]));
  }

  get size(): number {
    return this.#workers.size;
  }

  // --- what they are told

  tell(news: ReaderNews): void {
    for (const worker of this.#registered()) worker.tellReader(news);
  }

  async settled(): Promise<void> {
    await Promise.all(this.#registered().map((worker) => worker.settled()));
  }

  publish(news: NodeNews): void {
    this.#publishedAt = performance.now();
    for (const worker of this.#registered()) worker.tellNode(news);
  }

  tellSecrets(secrets: Secrets): void {
    for (const worker of this.#registered()) worker.tellSecrets(secrets);
  }

  /** @param from who knows it already */
  tellLogin(event: LoginEvent, from?: Worker): void {
    for (const worker of this.#registered()) if (worker !== from) worker.tellLogin(event);
  }

  #registered(): Worker[] {
    return [...this.#workers].filter((worker) => worker.isRegistered);
  }

  // --- what they are asked

  async livePids(): Promise<number[]> {
    return (await this.#ask((worker) => worker.call('pids'))).flat();
  }

  async inFlight(): Promise<number> {
    return (await this.#ask((worker) => worker.call('inFlight'))).reduce((sum, count) => sum + count, 0);
  }

  metrics(): Promise<object[][]> {
    return this.#ask((worker) => worker.call('metrics'));
  }

  /** One that ends before it answers has nothing to say. */
  async #ask<T>(question: (worker: Worker) => Promise<T>): Promise<T[]> {
    const answers = await Promise.allSettled(this.#registered().map(question));
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  }

  // --- who there is

  /** One after the other: a start costs a lot of processor time, and clients are served meanwhile. */
  #fill(): void {
    const wanted = Math.min(this.#options.count, mostWorkers(this.pool.state().max));
    const isHiring = this.#isPausing || this.#isReplaced || [...this.#workers].some((worker) => !worker.isRegistered);
    if (!this.#ended.signal.aborted && !isHiring && this.#workers.size < wanted) this.#hire();
  }

  #hire(): void {
    const { services, look, mesh, login, log } = this.#options;
    const process = this.#start();
    if (process === null) return;
    const worker = new Worker(this.#options.ordinal(), process, (own) => ({ ...services, begin: (touched) => this.#begin(own, touched) }), {
      loaded: (own, version) => { void this.#begun(own, version); },
      changeOver: (number, unknown) => { this.#coherence?.end(number, unknown); },
      look, mesh,
      login: (event, from) => {
        login(event);
        this.tellLogin(event, from);
      },
    });
    this.#workers.add(worker);
    log.info({ worker: worker.ordinal, pid: worker.pid }, 'worker started');
    void worker.exited.then((how) => { this.#lost(worker, how); });
  }

  /** The system may have no room for another process. */
  #start(): WorkerProcess | null {
    try {
      return this.#options.hire();
    } catch (error) {
      this.#options.failed();
      this.#options.log.error({ err: error }, 'a worker could not be started');
      this.#backOff();
      return null;
    }
  }

  /** It makes itself ready first, which takes a while: only then it joins those whose word counts. */
  async #begun(worker: Worker, version: string): Promise<void> {
    const { start, node, log } = this.#options;
    if (this.#coherence === null || worker.isLeaving) return;
    const first = start();
    if (version !== first.version) {
      log.error({ worker: worker.ordinal, version, wanted: first.version }, 'the program of this node was replaced: workers that end are missing until it is started anew');
      this.#isReplaced = true;
      worker.kill();
      return;
    }
    worker.start({ ...first, ordinal: worker.ordinal });
    try {
      await worker.call('prepare');
      if (isLeaving(worker)) return;
      worker.join(this.#coherence.news(), node());
      // those that it began with may have been replaced before it could be told
      const { keys, passwords } = start();
      worker.tellSecrets({ keys, passwords });
      await this.pool.arrived();
      if (worker.isReady) log.info({ worker: worker.ordinal, pid: worker.pid, pool: worker.share }, 'worker serves');
    } catch (error) {
      if (worker.hasEnded) return;
      log.warn({ err: error, worker: worker.ordinal }, 'a worker could not begin');
      worker.kill();
    }
  }

  async #begin(worker: Worker, touched: Parameters<NodeServices['begin']>[0]): Promise<number> {
    if (this.#coherence === null) throw new Error('there is no member to prepare a change');
    const number = await this.#coherence.begin(touched);
    // it has not committed: it was never told that it may
    if (worker.hasEnded) this.#coherence.end(number, false);
    else worker.changes.add(number);
    return number;
  }

  /** Whoever stands still keeps everybody waiting who needs its word: writers here, and other members. */
  #look(): void {
    const { silenceMs, publishMs, node, log } = this.#options;
    // whoever hears nothing for long takes itself for deserted
    if (performance.now() - this.#publishedAt >= publishMs) this.publish(node());
    for (const worker of this.#workers) {
      const silentMs = worker.isRegistered ? worker.silentMs() : 0;
      const isStuck = !worker.isRegistered && performance.now() - worker.startedAt > loadingMs;
      if (worker.isDoomed || (silentMs < silenceMs && !isStuck)) continue;
      worker.isDoomed = true;
      log.error({ worker: worker.ordinal, pid: worker.pid, silentMs: Math.round(silentMs) }, 'a worker does not answer and is killed');
      worker.kill();
    }
    this.#fill();
  }

  #lost(worker: Worker, how: string): void {
    const { log } = this.#options;
    this.#workers.delete(worker);
    // its last commits may still arrive at the server: until its sessions have ended nobody knows
    for (const number of worker.changes) this.#coherence?.end(number, true);
    if (this.#ended.signal.aborted) {
      if (this.#workers.size === 0) this.#allGone.resolve(undefined);
      return;
    }
    if (worker.share > 0) this.pool.lost();
    if (worker.isLeaving) return;
    this.#options.failed();
    log.error({ worker: worker.ordinal, pid: worker.pid, how, changes: worker.changes.size }, 'a worker ended');
    if (performance.now() - worker.startedAt > livedMs) this.#backOffMs = firstBackOffMs;
    this.#backOff();
  }

  #backOff(): void {
    this.#isPausing = true;
    void pause(this.#backOffMs, this.#ended.signal).then(() => {
      this.#isPausing = false;
      this.#fill();
    });
    this.#backOffMs = Math.min(longestBackOffMs, this.#backOffMs * 2);
  }

  // --- the end

  /** Lets one finish what it has under way, within `finishMs`. */
  async #dismiss(worker: Worker, finishMs: number): Promise<void> {
    const { log } = this.#options;
    worker.isLeaving = true;
    const late = setTimeout(() => { worker.kill(); }, finishMs + endingMs);
    worker.call('stop', finishMs).catch(() => { worker.kill(); });
    log.info({ worker: worker.ordinal, how: await worker.exited }, 'worker stopped');
    clearTimeout(late);
  }

  async retire(): Promise<void> {
    this.#stopHiring();
    await Promise.all([...this.#workers].map(async (worker) => {
      // the drain has waited for its requests
      if (worker.isRegistered) await this.#dismiss(worker, 0);
      else worker.kill();
    }));
    await this.gone;
  }

  end(): void {
    this.#stopHiring();
    for (const worker of this.#workers) {
      worker.isLeaving = true;
      worker.kill();
    }
  }

  #stopHiring(): void {
    clearInterval(this.#watch);
    this.#ended.abort();
    if (this.#workers.size === 0) this.#allGone.resolve(undefined);
  }
}
