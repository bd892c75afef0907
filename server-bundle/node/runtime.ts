import type { IncomingMessage, Server as HttpServer } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Reader, Session } from '../cluster/ports.ts';
import { MemberSession } from '../cluster/session.ts';
import { meshPath } from '../cluster/mesh/ws-mesh.ts';
import { asBulkheadError, BulkheadError, type ClusterView, type EpochEntry, type ErrorBody, type ObservedState } from '../contract/index.ts';
import { lockCollection } from '../metadata/cluster-identity.ts';
import { databaseFailure } from '../metadata/failure.ts';
import type { HeartbeatAnswer } from '../metadata/heartbeat.ts';
import { epochHistory } from '../metadata/leadership.ts';
import { NodeIdHeld, setDesired, type DrainEnd, type Joining } from '../metadata/membership.ts';
import { ClusterViewer } from './cluster-view.ts';
import { DesiredState } from './desired-state.ts';
import { EventFeed } from './event-feed.ts';
import { figuresOf, type NodeFigures } from './figures.ts';
import { NodeRequestCount, RequestCount } from './in-flight.ts';
import { enter, obtainGrant } from './joining.ts';
import { OwnFacts } from './own-facts.ts';
import { OwnRates } from './own-rates.ts';
import { pause } from './pause.ts';
import { refuseUpgrade } from './refused-upgrade.ts';
import type { Runtime, RuntimeOptions } from './runtime-options.ts';
import { RequestTraffic } from './traffic.ts';
import { Crew } from './workers/crew.ts';
import type { NodeNews } from './workers/messages.ts';

export type { ClusterEventFeed, Runtime, RuntimeOptions } from './runtime-options.ts';

/** Makes the runtime of one node process. Nothing is opened before `start`. */
export function createRuntime(options: RuntimeOptions): Runtime {
  return new NodeProcess(options);
}

const rejoinMs = 200;
const longestRejoinMs = 2000;
const forgottenAgainMs = 15_000;
const noFilestore = { path: '', state: 'unavailable', reason: null, totalBytes: null, freeBytes: null } as const;

/** One node process. Each of its incarnations is a `MemberSession`; a fenced one is followed by a new one. */
class NodeProcess implements Runtime {
  readonly inFlight: RequestCount;
  readonly traffic = new RequestTraffic();
  readonly figures = (): NodeFigures | null => figuresOf(this.#session, this.#crew?.cachedEntries ?? 0, this.#facts);
  readonly feed: EventFeed;
  readonly #options: RuntimeOptions;
  readonly #rates: OwnRates;
  readonly #facts: OwnFacts;
  readonly #viewer: ClusterViewer;
  readonly #desired: DesiredState;
  readonly #stopping = new AbortController();
  readonly #crew: Crew | null;
  #workersGone: Promise<void> = Promise.resolve();
  #lastEvent: number | null = null;
  #state: ObservedState = 'starting';
  #session: MemberSession | null = null;
  #databaseLost = false;
  #problem: BulkheadError | null = null;
  #prepared = false;
  #highestEpoch = 0;
  #held: { readonly incarnation: string; readonly beat: string; readonly since: number } | null = null;
  #living: Promise<void> = Promise.resolve();

  constructor(options: RuntimeOptions) {
    this.#options = options;
    this.#crew = options.workers === undefined ? null : new Crew({
      ...options, workers: options.workers, news: () => this.#news(),
      services: {
        view: () => this.view(),
        epochs: (limit) => this.epochs(limit),
        drain: (nodeId, deadlineSeconds, end) => this.drain(nodeId, deadlineSeconds, end),
        undrain: (nodeId) => this.undrain(nodeId),
        handOver: (to) => this.session().leadership.handOver(to),
      },
      mesh: (request, socket, head) => { this.#upgrade(request, socket, head); },
    });
    this.inFlight = this.#crew === null ? new RequestCount() : new NodeRequestCount(this.#crew);
    this.feed = new EventFeed(options.log);
    this.#rates = new OwnRates(this.traffic, (durationMs, statement) => {
      options.log.warn({ durationMs: Math.round(durationMs), statement }, 'slow statement');
    });
    this.#facts = new OwnFacts(() => {
      const { state, totalBytes, freeBytes, reason = null } = options.filestoreState?.() ?? noFilestore;
      return { state, reason, totalBytes, freeBytes };
    }, { baseUrl: options.config.baseUrl, trustedProxies: options.config.http.trustedProxies });
    this.#viewer = new ClusterViewer({
      config: options.config, filestoreState: options.filestoreState ?? (() => noFilestore), ownState: () => this.state(),
    });
    this.#desired = new DesiredState({
      timing: options.config.timing, log: options.log, inFlight: this.inFlight, onState: (state) => { this.#enter(state); },
    });
  }

  // --- what routes ask

  state(): ObservedState {
    if (this.#databaseLost && this.#state !== 'stopped') return 'no-database';
    return this.#state;
  }

  session(): Session {
    return this.#present();
  }

  #present(): MemberSession {
    if (this.#databaseLost) throw new BulkheadError('DATABASE_UNAVAILABLE');
    if (this.#session === null || this.#session.state === 'starting') throw this.#problem ?? new BulkheadError('NOT_SERVING', `This node is ${this.state()}`);
    return this.#session;
  }

  takesRequests(): boolean {
    if (this.#databaseLost || this.#session === null) return false;
    return this.#session.state === 'serving' || (this.#session.state === 'draining' && this.#desired.takesRequests);
  }

  problem(): ErrorBody | null {
    return this.#problem?.toBody() ?? null;
  }

  view(): Promise<ClusterView> {
    return this.#viewer.view(this.#readable());
  }

  epochs(limit: number): Promise<EpochEntry[]> {
    return epochHistory(this.#readable(), limit);
  }

  /** The pool once there is one: what somebody wants to look at must not hold up a failover. */
  #readable(): Reader {
    const session = this.#anySession();
    return session.state === 'starting' ? session.work.db : session.pool.db;
  }

  /** A node that is starting or refused can still say how the cluster is. */
  #anySession(): MemberSession {
    if (this.#databaseLost) throw new BulkheadError('DATABASE_UNAVAILABLE');
    if (this.#session === null) throw this.#problem ?? new BulkheadError('NOT_SERVING', `This node is ${this.state()}`);
    return this.#session;
  }

  async drain(nodeId: string, deadlineSeconds: number, end?: DrainEnd): Promise<void> {
    const session = this.#anySession();
    await setDesired(session.work.db, nodeId, 'draining', deadlineSeconds, end);
    session.announce();
  }

  async undrain(nodeId: string): Promise<void> {
    const session = this.#anySession();
    await setDesired(session.work.db, nodeId, 'serving', null);
    session.announce();
  }

  // --- life

  attach(server: HttpServer): void {
    server.on('upgrade', (request, socket, head) => { this.#upgrade(request, socket, head); });
    this.#crew?.attach(server);
  }

  #upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    // not parsed: what is no address would throw here, where nobody catches it
    if (request.url?.split('?', 1)[0] === meshPath && this.#session !== null) this.#session.mesh.accept(request, socket, head);
    else refuseUpgrade(socket);
  }

  credentialsChanged(): void {
    this.#crew?.tellSecrets();
  }

  /** What workers have to know of this node. */
  #news(): NodeNews {
    return {
      state: this.state(), takesRequests: this.takesRequests(), databaseLost: this.#databaseLost, problem: this.problem(),
      master: this.#session?.leadership.current() ?? null, lastEvent: this.#lastEvent,
    };
  }

  #enter(state: ObservedState): void {
    this.#state = state;
    this.#crew?.publish();
  }

  start(): Promise<void> {
    this.#living = this.#live();
    return Promise.resolve();
  }

  async #live(): Promise<void> {
    const { log } = this.#options;
    let wait = rejoinMs;
    while (!this.#stopping.signal.aborted) {
      this.#state = 'starting';
      // whoever served in the name of the former incarnation has ended before there is a new one
      await this.#workersGone;
      try {
        await this.#incarnate();
        wait = rejoinMs;
      } catch (error) {
        // stopped while it was joining: its row must not have to be found dead
        if (this.#isStopping()) await this.#session?.leave().catch(() => undefined);
        this.#session?.end();
        this.#session = null;
        if (this.#isStopping()) break;
        this.#complain(error);
        log.warn({ err: error, code: this.#problem?.code }, 'could not join');
        // whoever is shut out for good asks now and then: somebody may admit it again
        await pause(this.#problem?.code === 'NODE_FORGOTTEN' ? forgottenAgainMs : wait, this.#stopping.signal);
        wait = Math.min(longestRejoinMs, wait * 2);
      }
    }
  }

  #isStopping(): boolean {
    return this.#stopping.signal.aborted;
  }

  #complain(error: unknown): void {
    if (error instanceof NodeIdHeld) {
      const { incarnation, beat } = error.holder;
      if (this.#held?.incarnation !== incarnation || this.#held.beat !== beat) this.#held = { incarnation, beat, since: performance.now() };
    }
    this.#problem = databaseFailure(error) ?? asBulkheadError(error);
    this.#databaseLost = this.#problem.code === 'DATABASE_UNAVAILABLE';
  }

  /** A predecessor elsewhere whose heartbeat this process has seen stand still for a TTL. */
  #stoodStill(): Joining['stoodStill'] {
    const held = this.#held;
    return held !== null && performance.now() - held.since > this.#options.config.timing.leaseTtlMs ? held : null;
  }

  /** One incarnation from its first row to its end. */
  async #incarnate(): Promise<void> {
    const { config, version, log, clusterKeys, databasePasswords } = this.#options;
    const entry = await enter(this.#options, !this.#prepared, this.#stoodStill(), this.#stopping.signal);
    this.#prepared = true;
    this.#held = null;
    this.#databaseLost = false;
    this.#facts.forget();
    const session = new MemberSession({
      config, version, clusterKeys, databasePasswords, ...entry,
      log: log.child({ incarnation: entry.incarnation }),
      inFlight: () => this.inFlight.count,
      rates: () => this.#crew?.rates(this.#rates.now()) ?? this.#rates.now(),
      facts: (masterEpoch) => this.#facts.now(masterEpoch),
      onStatement: (durationMs, statement) => { this.#rates.statement(durationMs, statement); },
      onAnswer: (answer, sentAt) => {
        this.#facts.confirmed(sentAt, answer.now);
        this.#answered(session, answer);
      },
      onFailure: (error, reachable) => { this.#failed(session, error, reachable); },
      onMaster: (present, signal) => { this.#options.onMaster?.(present, signal); },
      sweep: async (present, gone) => { await this.#options.onGone?.(present, gone); },
      onRefused: (reason) => { this.#fence(session, reason); },
      ...(this.#crew === null ? {} : { team: this.#crew.team.bind(this.#crew, entry) }),
    });
    this.#session = session;
    this.#workersGone = session.workersGone;
    const ended = new Promise<void>((resolve) => { session.signal.addEventListener('abort', () => { resolve(); }, { once: true }); });
    const stop = AbortSignal.any([this.#stopping.signal, session.signal]);
    session.heart.start();
    await session.heart.poke();
    await session.mesh.dialAll();
    const granted = await obtainGrant(session, config, (problem) => {
      if (this.#problem?.message !== problem.message) log.error({ code: problem.code, details: problem.details }, problem.message);
      this.#problem = problem;
    }, stop);
    await session.pool.resize(granted);
    await session.coherence.admission(config.timing.coherenceWindowMs);
    if (!stop.aborted) await this.#serve(session);
    await ended;
  }

  async #serve(session: MemberSession): Promise<void> {
    this.#problem = null;
    this.#desired.cancel();
    session.state = this.#desired.initially;
    this.#state = session.state;
    await session.heart.poke();
    await session.events.publish({
      type: session.state === 'serving' ? 'node.serving' : 'node.drained', nodeId: session.nodeId,
      message: session.state === 'serving' ? `${session.nodeId} serves` : `${session.nodeId} stays drained`, detail: { incarnation: session.incarnation },
    });
    this.#options.log.info({ state: session.state, pool: session.poolState().max }, 'joined');
    if (!session.signal.aborted) session.beginTeam();
    this.#options.onSession?.(session);
  }

  // --- heartbeats

  #answered(session: MemberSession, answer: HeartbeatAnswer): void {
    if (this.#session !== session || session.signal.aborted) return;
    if (this.#databaseLost) this.#options.log.info('the database is back');
    this.#databaseLost = false;
    if (answer.own === null) {
      this.#fence(session, 'this incarnation was marked gone');
      return;
    }
    const { systemIdentifier, timeline } = answer;
    const epoch = answer.lease?.epoch ?? 0;
    if (epoch < this.#highestEpoch) {
      const reason = `the epoch went back from ${String(this.#highestEpoch)} to ${String(epoch)}`;
      this.#highestEpoch = epoch;
      void lockCollection(session.work.db, reason, { systemIdentifier, timeline }).catch(() => undefined).finally(() => { this.#fence(session, reason); });
      return;
    }
    this.#highestEpoch = epoch;
    this.feed.advance(answer.lastEvent, session.work.db);
    this.#lastEvent = answer.lastEvent;
    if (!this.#stopping.signal.aborted) this.#desired.follow(session, answer);
    this.#crew?.publish();
  }

  /** A database that is only slow is still the one place that knows: this node asks it, and answers nothing from its caches until a heartbeat is confirmed. */
  #failed(session: MemberSession, error: unknown, reachable: boolean): void {
    if (this.#session !== session || session.signal.aborted) return;
    if (reachable) this.#options.log.warn({ err: error }, 'the database was too slow for a heartbeat');
    else if (!this.#databaseLost) this.#options.log.warn({ err: error }, 'the heartbeat did not reach the database');
    this.#databaseLost = !reachable;
    this.#crew?.publish();
  }

  /** Ends the incarnation; `#live` begins a new one in this process. */
  #fence(session: MemberSession, reason: string): void {
    if (session.signal.aborted) return;
    this.#options.log.warn({ incarnation: session.incarnation, reason }, 'fenced');
    this.#state = 'fenced';
    this.#desired.cancel();
    session.end();
    if (this.#session === session) this.#session = null;
  }

  // --- the end

  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) {
      this.#desired.hurry();
      await this.#living;
      return;
    }
    this.#stopping.abort();
    const session = this.#session;
    if (session !== null) await this.#desired.leave(session, this.#databaseLost);
    this.#state = 'stopped';
    await this.#living;
    await this.#workersGone;
    this.#rates.stop();
  }
}
