import type { Logger } from 'pino';
import type { Session } from '../../cluster/ports.ts';
import { BulkheadError, type ClusterView, type EpochEntry, type ErrorBody, type ObservedState } from '../../contract/index.ts';
import type { DrainEnd } from '../../metadata/membership.ts';
import type { DatabasePasswords } from '../../security/rotating-secrets.ts';
import type { NodeFigures, NodeRuntime } from '../context.ts';
import { EventFeed } from '../event-feed.ts';
import { RequestCount } from '../in-flight.ts';
import { OwnRates } from '../own-rates.ts';
import { RequestTraffic } from '../traffic.ts';
import type { Calls } from './calls.ts';
import type { FromWorker, NodeNews, NodeServices, WorkerReport, WorkerServices, WorkerStart } from './messages.ts';
import { WorkerSession } from './worker-session.ts';

export interface WorkerRuntimeOptions {
  readonly start: WorkerStart;
  readonly passwords: DatabasePasswords;
  readonly send: (message: FromWorker) => void;
  readonly call: Calls<NodeServices, WorkerServices>['call'];
  readonly log: Logger;
}

/** A node as one of its workers sees it: what it was told last, and whom to ask for the rest. */
export class WorkerRuntime implements NodeRuntime {
  readonly inFlight = new RequestCount();
  readonly traffic = new RequestTraffic();
  readonly feed: EventFeed;
  readonly own: WorkerSession;
  readonly #call: WorkerRuntimeOptions['call'];
  readonly #rates: OwnRates;
  readonly #ttlMs: number;
  #news: NodeNews = { state: 'starting', takesRequests: false, databaseLost: false, problem: null, master: null, lastEvent: null };
  #heardAt = performance.now();

  constructor({ start, passwords, send, call, log }: WorkerRuntimeOptions) {
    this.#call = call;
    this.#ttlMs = start.config.timing.leaseTtlMs;
    this.feed = new EventFeed(log);
    this.#rates = new OwnRates(this.traffic, (durationMs, statement) => { log.warn({ durationMs: Math.round(durationMs), statement }, 'slow statement'); });
    this.own = new WorkerSession({
      start, passwords,
      onStatement: (durationMs, statement) => { this.#rates.statement(durationMs, statement); },
      node: {
        master: () => this.#news.master,
        begin: (touched) => call('begin', touched),
        changeOver: (number, unknown) => { send({ t: 'change-over', number, unknown }); },
        handOver: (to) => call('handOver', to),
        look: () => { send({ t: 'look' }); },
      },
    });
  }

  take(news: NodeNews): void {
    this.#news = news;
    this.#heardAt = performance.now();
    if (news.lastEvent !== null && !news.databaseLost) this.feed.advance(news.lastEvent, this.own.db);
  }

  report(): WorkerReport {
    return { pool: this.own.pool.state(), inFlight: this.inFlight.count, rates: this.#rates.now(), cachedEntries: this.own.coherence.cachedEntries };
  }

  /** The node's own process tells something with each heartbeat. One that stands still is found dead by the others: this worker must not go on in its name. */
  #isDeserted(): boolean {
    return performance.now() - this.#heardAt > this.#ttlMs;
  }

  state(): ObservedState {
    return this.#isDeserted() ? 'fenced' : this.#news.state;
  }

  session(): Session {
    const { databaseLost, problem, state } = this.#news;
    if (databaseLost) throw new BulkheadError('DATABASE_UNAVAILABLE');
    if (state === 'starting' || state === 'fenced' || this.#isDeserted()) throw new BulkheadError(problem?.code ?? 'NOT_SERVING', problem?.message);
    return this.own;
  }

  takesRequests(): boolean {
    return this.#news.takesRequests && !this.#isDeserted();
  }

  problem(): ErrorBody | null {
    return this.#news.problem;
  }

  /** What metrics tell of the node is told by its own process. */
  figures(): NodeFigures | null {
    return null;
  }

  view(): Promise<ClusterView> {
    return this.#call('view');
  }

  epochs(limit: number): Promise<EpochEntry[]> {
    return this.#call('epochs', limit);
  }

  drain(nodeId: string, deadlineSeconds: number, end?: DrainEnd): Promise<void> {
    return this.#call('drain', nodeId, deadlineSeconds, end);
  }

  undrain(nodeId: string): Promise<void> {
    return this.#call('undrain', nodeId);
  }
}
