import type { Logger } from 'pino';
import type { NodeConfig } from '../config/schema.ts';
import type { NodeFacts, NodeRates, PoolState } from '../contract/index.ts';
import { openDatabase, type OpenDatabase } from '../metadata/connection/database.ts';
import { IdentityChanged, IncarnationGone, type DatabaseIdentity } from '../metadata/connection/identity.ts';
import { applicationName } from '../metadata/connection/session-settings.ts';
import { appendEvent } from '../metadata/events.ts';
import { giveBackGrant } from '../metadata/grants.ts';
import { beat, type HeartbeatAnswer, type HeartbeatReport, type MemberRow } from '../metadata/heartbeat.ts';
import { markGone, tellGone } from '../metadata/membership.ts';
import { isReachable } from '../metadata/reachable.ts';
import type { ClusterKeys, DatabasePasswords } from '../security/rotating-secrets.ts';
import { systemClock, type Stamp } from './clock.ts';
import { MemberCoherence } from './coherence/coherence.ts';
import { databaseRights } from './coherence/database-rights.ts';
import { rulesOf } from './coherence/rules.ts';
import { GrantKeeper } from './grants/grant-keeper.ts';
import { Chores } from './leadership/chores.ts';
import { HandOver } from './leadership/hand-over.ts';
import { Lease } from './leadership/lease.ts';
import { Eviction } from './membership/eviction.ts';
import { Heart } from './membership/heart.ts';
import { WsMesh } from './mesh/ws-mesh.ts';
import type { Events, Leadership, MasterView, Session } from './ports.ts';
import type { Team } from './team.ts';

export type OwnState = HeartbeatReport['state'];

export interface SessionOptions {
  readonly config: NodeConfig;
  readonly version: string;
  readonly log: Logger;
  readonly clusterKeys: ClusterKeys;
  readonly databasePasswords: DatabasePasswords;
  readonly clusterId: string;
  readonly incarnation: string;
  readonly identity: DatabaseIdentity;
  readonly inFlight: () => number;
  readonly rates: () => NodeRates;
  /** what has to be told of this node and its host now; null when it was told a moment ago */
  readonly facts: (masterEpoch: number | null) => NodeFacts | null;
  readonly onStatement: (durationMs: number, statement: string) => void;
  /** every successful heartbeat, after the parts of the session have taken it over */
  readonly onAnswer: (answer: HeartbeatAnswer, sentAt: Stamp) => void;
  /** a heartbeat was not confirmed; `reachable`: the database is there and was only too slow */
  readonly onFailure: (error: unknown, reachable: boolean) => void;
  readonly onMaster: (session: MemberSession, signal: AbortSignal) => void;
  readonly sweep: (session: MemberSession, incarnation: string) => Promise<void>;
  /** the workers of this incarnation; none where a node is one process */
  readonly team?: (session: TeamParts) => Team;
  /** a new connection found that this incarnation is gone, or that the database is not the one that it joined */
  readonly onRefused: (reason: string) => void;
}

/** What the workers of an incarnation share with its own process. */
export interface TeamParts {
  readonly incarnation: string;
  readonly pool: OpenDatabase;
  readonly work: OpenDatabase;
  /** behind the connections of this process */
  readonly ownPids: () => number[];
  readonly announce: () => void;
}

/**
 * Everything of one incarnation: three sets of connections (heartbeat; the cluster's own work; the pool), links, lease, coherence.
 * `end` takes all of it away at once.
 */
export class MemberSession implements Session {
  readonly nodeId: string;
  readonly incarnation: string;
  readonly signal: AbortSignal;
  readonly coherence: MemberCoherence;
  readonly leadership: Leadership;
  readonly events: Events;
  readonly mesh: WsMesh;
  readonly heart: Heart;
  readonly control: OpenDatabase;
  readonly work: OpenDatabase;
  readonly pool: OpenDatabase;
  /** resolves when, after the end, no worker is left */
  readonly workersGone: Promise<void>;
  readonly lease: Lease;
  state: OwnState = 'starting';
  members: readonly MemberRow[] = [];
  readonly #options: SessionOptions;
  /** when the database last answered a heartbeat, or a look after one, milliseconds of the monotonic clock */
  #heardAt = -Infinity;
  readonly #ended = new AbortController();
  readonly #eviction: Eviction;
  readonly #chores: Chores;
  readonly #grants: GrantKeeper;
  readonly #team: Team | null;
  readonly #ownPids: () => number[];

  constructor(options: SessionOptions) {
    const { config, incarnation, log } = options;
    const { timing } = config;
    this.#options = options;
    this.nodeId = config.node.id;
    this.incarnation = incarnation;
    this.signal = this.#ended.signal;
    this.control = this.#open({ statementMs: Math.max(1000, timing.heartbeatMs * 2), lockMs: 500, acquireMs: 1500, silenceMs: 1500 });
    // kept open: a change of master must not have to wait for a connection to be made
    this.work = this.#open({ statementMs: 5000, lockMs: 500, acquireMs: 10_000, silenceMs: 6000, idleMs: 0 });
    const pool = this.#open({ onStatement: options.onStatement, heardElsewhere: () => this.#heardAt });
    this.#ownPids = () => [this.control, this.work, pool].flatMap((database) => database.livePids());
    this.#team = options.team?.({ incarnation, pool, work: this.work, ownPids: this.#ownPids, announce: () => { this.announce(); } }) ?? null;
    this.pool = this.#team?.pool ?? pool;
    this.workersGone = this.#team?.gone ?? Promise.resolve();
    this.mesh = new WsMesh(
      { cluster: options.clusterId, incarnation, nodeId: this.nodeId, version: options.version, keys: options.clusterKeys },
      { handshakeMs: 2000, pingMs: timing.heartbeatMs * 2, silenceMs: Math.max(timing.leaseTtlMs, timing.heartbeatMs * 8) },
    );
    const poke = (): void => { void this.heart.poke(); };
    const ports = { incarnation, mesh: this.mesh, log, signal: this.signal, poke, work: this.work.db, clock: systemClock };
    this.coherence = new MemberCoherence({
      ...ports, db: this.pool.db, rules: rulesOf(process.env), entries: config.cache.entries,
      windowMs: timing.coherenceWindowMs, acknowledgeMs: timing.acknowledgeMs,
      store: databaseRights(this.work.db, incarnation, () => this.#livePids()), ...(this.#team === null ? {} : { followers: this.#team }),
    });
    this.lease = new Lease({
      ...ports, nodeId: this.nodeId, ttlMs: timing.leaseTtlMs, marginMs: timing.leaseMarginMs, db: this.pool.db,
      eligible: () => this.state === 'serving', onMaster: (signal) => { options.onMaster(this, signal); },
    });
    const handOver = new HandOver({
      lease: this.lease, mesh: this.mesh, nodeId: this.nodeId, timeoutMs: timing.leaseTtlMs, members: () => this.members,
    });
    this.leadership = leadershipOf(this.lease, handOver);
    this.events = {
      publish: async (event, trx) => {
        await appendEvent(trx ?? this.work.db, event);
        this.announce();
      },
    };
    this.#eviction = new Eviction({ ...ports, heartbeatMs: timing.heartbeatMs, ttlMs: timing.leaseTtlMs, lease: this.lease });
    this.#chores = new Chores({
      leadership: this.leadership, work: this.work.db, log, keepForOthers: config.database.keepForOthers,
      keepEvents: config.tasks.keepEvents, sweep: (gone) => options.sweep(this, gone),
    });
    this.#grants = new GrantKeeper({
      incarnation, nodeId: this.nodeId, pool: this.pool, work: this.work.db, keepForOthers: config.database.keepForOthers, configured: config.database.pool, log,
    });
    this.mesh.listen({ message: (_peer, message) => { if (message.t === 'look') poke(); } });
    this.heart = new Heart({
      intervalMs: timing.heartbeatMs, clock: systemClock,
      beat: () => beat(this.control.db, this.#report()),
      onAnswer: (sentAt, answer) => { this.#take(sentAt, answer); },
      isReachable: (error) => isReachable(this.control.db, error),
      onFailure: (error, reachable) => {
        if (reachable) this.#heardAt = performance.now();
        options.onFailure(error, reachable);
      },
    });
  }

  get db(): OpenDatabase['db'] {
    return this.pool.db;
  }

  #open(limits: {
    statementMs?: number; lockMs?: number; acquireMs?: number; silenceMs?: number; idleMs?: number;
    onStatement?: (durationMs: number, statement: string) => void; heardElsewhere?: () => number;
  }): OpenDatabase {
    const { config, databasePasswords, incarnation, identity } = this.#options;
    return openDatabase({
      ...limits, database: config.database, passwords: databasePasswords, incarnation, identity,
      name: applicationName(config.node.id, incarnation),
      onRefused: (error) => {
        if (error instanceof IdentityChanged || error instanceof IncarnationGone) this.#options.onRefused(error.message);
      },
    });
  }

  async #livePids(): Promise<number[]> {
    return [...await this.#team?.livePids() ?? [], ...this.#ownPids()];
  }

  /** Begins to hire workers, where there are to be any. Call it once the pool has its grant. */
  beginTeam(): void {
    this.#team?.begin(this.coherence);
  }

  #report(): HeartbeatReport {
    return {
      incarnation: this.incarnation, nodeId: this.nodeId, state: this.state, inFlight: this.#options.inFlight(), pool: this.poolState(),
      rates: this.#options.rates(), leaseId: this.lease.leaseId,
      facts: this.#options.facts(this.leadership.isMaster() ? this.leadership.current()?.epoch ?? null : null),
    };
  }

  poolState(): PoolState {
    return this.pool.state();
  }

  #take(sentAt: Stamp, answer: HeartbeatAnswer): void {
    const { own } = answer;
    this.#heardAt = performance.now();
    if (own !== null && !this.signal.aborted) {
      this.members = answer.members;
      this.mesh.setMembers(
        answer.members.map((member) => ({ incarnation: member.id, nodeId: member.nodeId, url: member.url })), sentAt.monotonic,
      );
      this.coherence.heartbeat(sentAt, { ...answer, own }, this.state === 'serving');
      this.lease.heartbeat(sentAt, answer);
      this.#eviction.heartbeat(answer, sentAt.monotonic);
      this.#chores.heartbeat(answer);
      this.#grants.heartbeat(answer);
    }
    this.#options.onAnswer(answer, sentAt);
  }

  /** Others, and this node, look at the database before their next heartbeat is due. */
  announce(): void {
    this.mesh.broadcast({ t: 'look' });
    void this.heart.poke();
  }

  /** Nothing of this incarnation is used any more. The database may be gone: nothing is told to it. */
  end(): void {
    if (this.signal.aborted) return;
    // before anything else: nobody may go on in the name of what has ended
    this.#team?.end();
    this.#ended.abort();
    this.heart.stop();
    this.mesh.close();
    for (const database of [this.pool, this.work, this.control]) void database.close().catch(() => undefined);
  }

  /** Leaves in order: stops caching, lets the lease go, closes the pool, is marked gone. The caller has drained. */
  async leave(): Promise<void> {
    try {
      await this.coherence.giveUpRight();
      await this.lease.letGo(null);
      await this.#team?.retire();
      await this.pool.close();
      // a heartbeat that found the row gone would take the end for a fence
      this.heart.stop();
      await markGone(this.work.db, { id: this.incarnation, nodeId: this.nodeId }, 'left');
      await tellGone(this.work.db, { id: this.incarnation, nodeId: this.nodeId }, 'left');
      await giveBackGrant(this.work.db, this.incarnation);
      this.mesh.broadcast({ t: 'look' });
    } finally {
      this.end();
    }
  }
}

/** The lease, with hand-overs that any member may ask for. */
function leadershipOf(lease: Lease, handOver: HandOver): Leadership {
  return {
    current: () => lease.current(),
    isMaster: () => lease.isMaster(),
    fenced: (effect) => lease.fenced(effect),
    handOver: (to): Promise<MasterView> => handOver.to(to),
  };
}
