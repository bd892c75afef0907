import { isBulkheadError } from '../../contract/index.ts';
import type { GoneRow, HeartbeatAnswer, MemberRow } from '../../metadata/heartbeat.ts';
import type { Database } from '../../metadata/schema.ts';
import type { Kysely } from 'kysely';
import { laterKinds } from '../cache-keys.ts';
import type { Clock, Stamp } from '../clock.ts';
import type { Hold, MeshMessage } from '../mesh/messages.ts';
import type { Mesh, Peer } from '../mesh/peer.ts';
import type { CacheKey, Coherence, PeekKey, Reader, ReadKey, Touched } from '../ports.ts';
import { CachingMembers } from './caching-members.ts';
import { ChangePreparation } from './change-preparation.ts';
import { Holds } from './holds.ts';
import { KindGate, kindGate } from './kind-gate.ts';
import { ReadCache, type Fill, type Reading } from './read-cache.ts';
import { RightAcquisition } from './right-acquisition.ts';
import type { RightsStore } from './rights-store.ts';
import { CachingRight } from './right.ts';
import type { CoherenceRules } from './rules.ts';

export interface CoherenceOptions {
  readonly incarnation: string;
  readonly db: Kysely<Database>;
  readonly mesh: Mesh;
  readonly store: RightsStore;
  readonly clock: Clock;
  readonly rules: CoherenceRules;
  readonly entries: number;
  readonly windowMs: number;
  readonly acknowledgeMs: number;
  readonly signal: AbortSignal;
  /** kinds that not every member may know; default: those of this version */
  readonly laterKinds?: readonly string[];
}

/** What two clocks may differ by within a window, and the granularity of timers. */
const outlastFactor = 1.1;
/** A composed read is tried this often before it asks the database for one snapshot. */
const snapshotTries = 2;

/** Reader and writer of one incarnation, as the design's section "Coherence" describes them. */
export class MemberCoherence implements Coherence {
  readonly #options: CoherenceOptions;
  readonly #holds: Holds;
  readonly #right: CachingRight;
  readonly #cache: ReadCache;
  readonly #kinds: KindGate;
  readonly #members = new CachingMembers();
  readonly #preparation: ChangePreparation;
  readonly #acquisition: RightAcquisition;
  readonly #admitted = new Map<string, (right: number | null) => void>();
  /** members whose complete list of holds has arrived over their present link */
  readonly #synced = new Set<string>();
  #linkedToAll = false;
  #serving: readonly string[] = [];
  #lastNumber = 0;
  #wanted = false;

  constructor(options: CoherenceOptions) {
    this.#options = options;
    const { clock, mesh, store, rules, windowMs, signal } = options;
    this.#holds = new Holds();
    this.#right = new CachingRight(clock, windowMs);
    this.#cache = new ReadCache({
      entries: options.entries, db: options.db, holds: this.#holds, right: this.#right, rules, mayAnswer: () => this.mayAnswer(),
    });
    this.#kinds = new KindGate({
      kinds: options.laterKinds ?? laterKinds,
      install: (writer, hold) => { this.#hold(writer, hold); },
      release: (writer, number) => { this.#holds.release(writer, number); },
    });
    this.#preparation = new ChangePreparation({
      mesh, members: this.#members, store, rules, signal,
      times: { acknowledgeMs: options.acknowledgeMs, outlastMs: windowMs * outlastFactor },
    });
    this.#acquisition = new RightAcquisition({ mesh, store, right: this.#right, rules, barrierMs: windowMs });
    mesh.listen({
      opened: (peer) => { this.#opened(peer); },
      closed: (peer) => { this.#closed(peer); },
      message: (peer, message) => { this.#take(peer, message); },
    });
    signal.addEventListener('abort', () => {
      this.#right.lose();
      this.#cache.clear();
    });
  }

  // --- reader

  mayAnswer(): boolean {
    if (this.#options.signal.aborted || !this.#linkedToAll) return false;
    if (this.#right.usable()) return true;
    if (this.#right.jumped()) this.#cache.clear();
    return false;
  }

  readonly read: ReadKey = <T>(key: CacheKey, fill: Fill<T>): Promise<T | undefined> => this.#cache.read(key, fill);

  readWithin(trx: Reader): ReadKey {
    return async <T>(key: CacheKey, fill: Fill<T>): Promise<T | undefined> => {
      const cached = this.#cache.peek(key);
      return cached === undefined ? fill(trx) : cached.value as T;
    };
  }

  hot<T>(body: (peek: PeekKey) => T | undefined): T | undefined {
    return this.mayAnswer() ? body(this.#cache.hot) : undefined;
  }

  async snapshot<T>(body: (read: ReadKey) => Promise<T>): Promise<T> {
    for (let attempt = 1; attempt <= snapshotTries && this.mayAnswer(); attempt += 1) {
      const { generation } = this.#right;
      using followed = this.#cache.follow();
      const { reading } = followed;
      const result = await settledResult(body(this.#readInto(reading)));
      const whole = !reading.disturbed && this.mayAnswer() && this.#right.generation === generation;
      if (whole || reading.reads <= 1) return result();
    }
    return this.#options.db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only')
      .execute((trx) => body((_key, fill) => fill(trx)));
  }

  #readInto(reading: Reading): ReadKey {
    return (key, fill) => this.#cache.read(key, fill, reading);
  }

  /** Entries in the cache. */
  get cachedEntries(): number {
    return this.#cache.size;
  }

  get caching(): boolean {
    return this.#right.number !== null;
  }

  // --- writer

  async change<T>(touched: Touched, commit: () => Promise<T>): Promise<T> {
    const { rules } = this.#options;
    this.#lastNumber += 1;
    const hold: Hold = { number: this.#lastNumber, keys: [...touched.keys], prefixes: [...(touched.prefixes ?? [])] };
    this.#hold(this.#options.incarnation, hold);
    let keep = false;
    try {
      await rules.probe('prepare');
      await this.#preparation.prepare(hold);
      await rules.probe('commit');
      return await commit();
    } catch (error) {
      keep = isBulkheadError(error, 'OUTCOME_UNKNOWN');
      throw error;
    } finally {
      if (keep) void this.#releaseWhenKnown(hold.number);
      else this.#release(hold.number);
    }
  }

  /** The local member is prepared like any other. */
  #hold(writer: string, hold: Hold): void {
    this.#holds.install(writer, hold);
    this.#cache.drop(hold);
  }

  #release(number: number): void {
    this.#holds.release(this.#options.incarnation, number);
    this.#options.mesh.broadcast({ t: 'release', number });
  }

  async #releaseWhenKnown(number: number): Promise<void> {
    const { store, signal } = this.#options;
    const since = performance.now();
    while (!signal.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      const known = await store.settled(performance.now() - since).catch(() => false);
      if (known) {
        this.#release(number);
        return;
      }
    }
  }

  #active(): Hold[] {
    return this.#holds.of(this.#options.incarnation);
  }

  // --- member

  #opened(peer: Peer): void {
    this.#synced.delete(peer.incarnation);
    this.#kinds.opened(peer);
    this.#options.mesh.send(peer.incarnation, { t: 'holds', holds: this.#active() });
    this.#look();
  }

  #closed(peer: Peer): void {
    this.#synced.delete(peer.incarnation);
    this.#preparation.unlinked(peer.incarnation);
    this.#look();
  }

  #look(): void {
    this.#linkedToAll = this.#serving.every((incarnation) => this.#synced.has(incarnation) && this.#options.mesh.isLinked(incarnation));
  }

  #take(peer: Peer, message: MeshMessage): void {
    const { mesh } = this.#options;
    const from = peer.incarnation;
    switch (message.t) {
      case 'prepare':
        this.#hold(from, message);
        void this.#confirmPrepared(from, message.number);
        break;
      case 'prepared':
        this.#preparation.acknowledged(from, [message.number]);
        break;
      case 'release':
        this.#holds.release(from, message.number);
        break;
      case 'holds':
        this.#holds.resync(from, message.holds);
        for (const hold of message.holds) this.#cache.drop(hold);
        mesh.send(from, { t: 'holds-taken', numbers: message.holds.map((hold) => hold.number) });
        this.#synced.add(from);
        this.#look();
        break;
      case 'holds-taken':
        this.#preparation.acknowledged(from, message.numbers);
        break;
      case 'barrier':
        this.#members.count(from, peer.nodeId, message.right);
        mesh.send(from, { t: 'passed', right: message.right, holds: this.#active() });
        break;
      case 'passed':
        this.#holds.resync(from, message.holds);
        for (const hold of message.holds) this.#cache.drop(hold);
        this.#acquisition.passedBy(from, message.right);
        break;
      case 'admit':
        mesh.send(from, { t: 'admitted', right: this.#right.claimed });
        break;
      case 'admitted':
        if (message.right !== null) this.#members.count(from, peer.nodeId, message.right);
        this.#admitted.get(from)?.(message.right);
        break;
      case 'right-dropped':
        this.#members.stopped(from, message.right);
        break;
      default:
    }
  }

  async #confirmPrepared(writer: string, number: number): Promise<void> {
    await this.#options.rules.probe('prepared');
    this.#options.mesh.send(writer, { t: 'prepared', number });
  }

  // --- with the heartbeat

  /** Takes over what a heartbeat said that was sent at `sentAt`; `wanted`: this node may hold the right in its present state. */
  heartbeat(sentAt: Stamp, answer: Pick<HeartbeatAnswer, 'members' | 'gone'> & { own: NonNullable<HeartbeatAnswer['own']> }, wanted: boolean): void {
    const { incarnation, windowMs } = this.#options;
    const others = answer.members.filter((member) => member.id !== incarnation);
    this.#serving = others.filter((member) => member.state !== 'starting').map((member) => member.id);
    this.#wanted = wanted;
    this.#look();
    this.#kinds.observe(sentAt.monotonic, others, answer.gone);
    this.#members.observe(others, sentAt.monotonic, windowMs * outlastFactor);
    this.#dropHoldsOfGone(sentAt, answer.members, answer.gone);
    this.#confirm(sentAt, answer.own);
    if (!wanted) void this.giveUpRight().catch(() => undefined);
    else if (others.every((member) => this.#options.mesh.isLinked(member.id)) && this.#linkedToAll && this.#acquisition.due()) void this.#acquire();
  }

  #confirm(sentAt: Stamp, own: { readonly caching: boolean; readonly rightNumber: number }): void {
    const { number } = this.#right;
    if (number === null || own.rightNumber < number) return;
    if (own.rightNumber === number && own.caching) {
      if (this.#right.jumped()) this.#cache.clear();
      this.#right.confirm(sentAt);
      return;
    }
    // somebody has revoked it: stop first, then say so
    this.#right.lose();
    this.#cache.clear();
    this.#acquisition.backOff();
    this.#options.mesh.broadcast({ t: 'right-dropped', right: number });
  }

  /** A writer's holds end with the proof that nothing of it can commit any more. */
  #dropHoldsOfGone(sentAt: Stamp, members: readonly MemberRow[], gone: readonly GoneRow[]): void {
    for (const { writer, latestAt } of this.#holds.writers()) {
      if (writer === this.#options.incarnation || writer === kindGate || latestAt >= sentAt.monotonic) continue;
      if (members.some((member) => member.id === writer)) continue;
      const uncleaned = gone.find((row) => row.id === writer);
      if (uncleaned === undefined || uncleaned.sessions === 0) this.#holds.dropWriter(writer);
    }
  }

  async #acquire(): Promise<void> {
    try {
      const won = await this.#acquisition.acquire(this.#options.incarnation, () => this.#wanted && this.#linkedToAll && !this.#options.signal.aborted);
      if (won) this.#cache.clear();
    } catch {
      // without the database there is no right to be had; the next heartbeat that succeeds tries again
    }
  }

  /** Answers from the database from now on; resolves when that is recorded. */
  async giveUpRight(): Promise<void> {
    this.#wanted = false;
    if (this.#right.claimed === null) return;
    this.#cache.clear();
    await this.#acquisition.giveBack();
    this.#cache.clear();
  }

  /**
   * A starting node's side of the barrier: every caching member acknowledges it, or loses its right, before this node takes
   * writes. The own row must be committed.
   */
  async admission(timeoutMs: number): Promise<void> {
    const { store, incarnation } = this.#options;
    const caching = (await store.members()).filter((member) => member.id !== incarnation && member.caching);
    await Promise.all(caching.map(async (member) => {
      if (await this.#admittedBy(member.id, timeoutMs)) return;
      this.#members.count(member.id, member.nodeId, member.rightNumber);
      await store.revoke({ incarnation: member.id, nodeId: member.nodeId }, member.rightNumber);
      for (const counted of this.#members.all()) {
        if (counted.incarnation === member.id && counted.right === member.rightNumber) counted.lostAt ??= performance.now();
      }
    }));
  }

  #admittedBy(incarnation: string, timeoutMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (admitted: boolean): void => {
        clearTimeout(timer);
        this.#admitted.delete(incarnation);
        resolve(admitted);
      };
      const timer = setTimeout(() => { end(false); }, timeoutMs);
      this.#admitted.set(incarnation, () => { end(true); });
      if (!this.#options.mesh.send(incarnation, { t: 'admit' })) end(false);
    });
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
