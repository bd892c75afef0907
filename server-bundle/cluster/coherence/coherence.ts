import type { GoneRow, HeartbeatAnswer, MemberRow } from '../../metadata/heartbeat.ts';
import { laterKinds } from '../cache-keys.ts';
import { sharedStamp, type Stamp } from '../clock.ts';
import type { Hold, MeshMessage } from '../mesh/messages.ts';
import type { Mesh, Peer } from '../mesh/peer.ts';
import type { Coherence, Touched } from '../ports.ts';
import { CacheReader, type CacheReaderOptions } from './cache-reader.ts';
import { CachingMembers } from './caching-members.ts';
import { ChangePreparation } from './change-preparation.ts';
import { noFollowers, type Followers, type ReaderNews } from './followers.ts';
import { KindGate, kindGate } from './kind-gate.ts';
import { preparedChange } from './prepared-change.ts';
import { RightAcquisition } from './right-acquisition.ts';
import type { RightsStore } from './rights-store.ts';

export interface CoherenceOptions extends CacheReaderOptions {
  readonly incarnation: string;
  readonly mesh: Mesh;
  readonly store: RightsStore;
  readonly acknowledgeMs: number;
  /** readers in other processes; default: none */
  readonly followers?: Followers;
  /** kinds that not every member may know; default: those of this version */
  readonly laterKinds?: readonly string[];
}

/** What two clocks may differ by within a window, and the granularity of timers. */
const outlastFactor = 1.1;

/** Reader and writer of one incarnation, as the design's section "Coherence" describes them. */
export class MemberCoherence extends CacheReader implements Coherence {
  readonly #options: CoherenceOptions;
  readonly #followers: Followers;
  readonly #kinds: KindGate;
  readonly #members = new CachingMembers();
  readonly #preparation: ChangePreparation;
  readonly #acquisition: RightAcquisition;
  readonly #admitted = new Map<string, (right: number | null) => void>();
  /** members whose complete list of holds has arrived over their present link */
  readonly #synced = new Set<string>();
  #serving: readonly string[] = [];
  #lastNumber = 0;
  #wanted = false;

  constructor(options: CoherenceOptions) {
    const { mesh, store, rules, windowMs, signal, followers = noFollowers } = options;
    super(options, {
      held: (writer, hold) => { followers.tell({ t: 'hold', writer, hold }); },
      released: (writer, number) => { followers.tell({ t: 'release', writer, number }); },
      won: (right) => { followers.tell({ t: 'right-won', right }); },
      lost: () => { followers.tell({ t: 'right-lost' }); },
      confirmed: (sentAt) => { followers.tell({ t: 'confirmed', at: sharedStamp(sentAt) }); },
    });
    this.#options = options;
    this.#followers = followers;
    this.#kinds = new KindGate({
      kinds: options.laterKinds ?? laterKinds,
      install: (writer, hold) => { this.hold(writer, hold); },
      release: (writer, number) => { this.holds.release(writer, number); },
    });
    this.#preparation = new ChangePreparation({
      mesh, members: this.#members, store, rules, signal,
      times: { acknowledgeMs: options.acknowledgeMs, outlastMs: windowMs * outlastFactor },
    });
    this.#acquisition = new RightAcquisition({ mesh, store, right: this.right, rules, barrierMs: windowMs, stopped: () => this.#settled() });
    mesh.listen({
      opened: (peer) => { this.#opened(peer); },
      closed: (peer) => { this.#closed(peer); },
      message: (peer, message) => { this.#take(peer, message); },
    });
  }

  get caching(): boolean {
    return this.right.number !== null;
  }

  // --- writer

  change<T>(touched: Touched, commit: () => Promise<T>): Promise<T> {
    return preparedChange(this, touched, commit);
  }

  /** Prepares a change, of this process or of a follower: resolves to its number when nobody can answer what it names from a cache any more. */
  async begin(touched: Touched): Promise<number> {
    const { rules, incarnation } = this.#options;
    const number = this.#lastNumber += 1;
    const hold: Hold = { number, keys: [...touched.keys], prefixes: [...(touched.prefixes ?? [])] };
    // the local member is prepared like any other
    this.hold(incarnation, hold);
    try {
      await rules.probe('prepare');
      await Promise.all([this.#preparation.prepare(hold), this.#settled()]);
      await rules.probe('commit');
      return number;
    } catch (error) {
      this.#release(number);
      throw error;
    }
  }

  /** The change is over. @param unknown whether it took effect is not known: it is found out before the keys are released */
  end(number: number, unknown: boolean): void {
    if (unknown) void this.#releaseWhenKnown(number);
    else this.#release(number);
  }

  #release(number: number): void {
    this.holds.release(this.#options.incarnation, number);
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
    return this.holds.of(this.#options.incarnation);
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
    const whole = this.#serving.every((incarnation) => this.#synced.has(incarnation) && this.#options.mesh.isLinked(incarnation));
    if (whole === this.linked) return;
    this.linked = whole;
    this.#followers.tell({ t: 'links', whole });
  }

  #take(peer: Peer, message: MeshMessage): void {
    const { mesh } = this.#options;
    const from = peer.incarnation;
    switch (message.t) {
      case 'prepare':
        this.hold(from, message);
        void this.#confirmPrepared(from, message.number);
        break;
      case 'prepared':
        this.#preparation.acknowledged(from, [message.number]);
        break;
      case 'release':
        this.holds.release(from, message.number);
        break;
      case 'holds':
        this.holds.resync(from, message.holds);
        for (const hold of message.holds) this.cache.drop(hold);
        this.#assert(from, () => ({ t: 'holds-taken', numbers: message.holds.map((hold) => hold.number) }));
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
        this.holds.resync(from, message.holds);
        for (const hold of message.holds) this.cache.drop(hold);
        this.#acquisition.passedBy(from, message.right);
        break;
      case 'admit': {
        // of this moment: when it is lost meanwhile, some process may not have heard of that yet
        const right = this.right.claimed;
        this.#assert(from, () => ({ t: 'admitted', right }));
        break;
      }
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

  /** What this member says of what it will answer is true of all its processes before it is said. */
  #assert(to: string, message: () => MeshMessage): void {
    void this.#settled().then(() => { this.#options.mesh.send(to, message()); });
  }

  #settled(): Promise<void> {
    return this.#options.rules.workers ? this.#followers.settled() : Promise.resolve();
  }

  /** Everything that a follower that begins now has to know. */
  news(): ReaderNews[] {
    const { number, confirmedAt } = this.right;
    return [
      ...this.holds.writers().flatMap(({ writer }) => this.holds.of(writer).map((hold): ReaderNews => ({ t: 'hold', writer, hold }))),
      { t: 'links', whole: this.linked },
      ...(number === null ? [] : [{ t: 'right-won' as const, right: number }]),
      ...(confirmedAt === null ? [] : [{ t: 'confirmed' as const, at: sharedStamp(confirmedAt) }]),
    ];
  }

  async #confirmPrepared(writer: string, number: number): Promise<void> {
    await this.#options.rules.probe('prepared');
    this.#assert(writer, () => ({ t: 'prepared', number }));
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
    else if (others.every((member) => this.#options.mesh.isLinked(member.id)) && this.linked && this.#acquisition.due()) void this.#acquire();
  }

  #confirm(sentAt: Stamp, own: { readonly caching: boolean; readonly rightNumber: number }): void {
    const { number } = this.right;
    if (number === null || own.rightNumber < number) return;
    if (own.rightNumber === number && own.caching) {
      if (this.right.jumped()) this.cache.clear();
      this.right.confirm(sentAt);
      return;
    }
    // somebody has revoked it: stop first, then say so
    this.right.lose();
    this.cache.clear();
    this.#acquisition.backOff();
    void this.#settled().then(() => { this.#options.mesh.broadcast({ t: 'right-dropped', right: number }); });
  }

  /** A writer's holds end with the proof that nothing of it can commit any more. */
  #dropHoldsOfGone(sentAt: Stamp, members: readonly MemberRow[], gone: readonly GoneRow[]): void {
    for (const { writer, latestAt } of this.holds.writers()) {
      if (writer === this.#options.incarnation || writer === kindGate || latestAt >= sentAt.monotonic) continue;
      if (members.some((member) => member.id === writer)) continue;
      const uncleaned = gone.find((row) => row.id === writer);
      if (uncleaned === undefined || uncleaned.sessions === 0) this.holds.dropWriter(writer);
    }
  }

  async #acquire(): Promise<void> {
    try {
      const won = await this.#acquisition.acquire(this.#options.incarnation, () => this.#wanted && this.linked && !this.#options.signal.aborted);
      if (won) this.cache.clear();
    } catch {
      // without the database there is no right to be had; the next heartbeat that succeeds tries again
    }
  }

  /** Answers from the database from now on; resolves when that is recorded. */
  async giveUpRight(): Promise<void> {
    this.#wanted = false;
    if (this.right.claimed === null) return;
    this.cache.clear();
    await this.#acquisition.giveBack();
    this.cache.clear();
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
