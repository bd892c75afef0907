import { randomUUID } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import type { Logger } from 'pino';
import { BulkheadError } from '../../contract/index.ts';
import type { HeartbeatAnswer, LeaseRow, MemberRow } from '../../metadata/heartbeat.ts';
import { fencedTransaction, releaseLease, takeOver, type TakenLease, type Takeover } from '../../metadata/leadership.ts';
import { appendEvent } from '../../metadata/events.ts';
import { endSessions } from '../../metadata/membership.ts';
import type { Database } from '../../metadata/schema.ts';
import type { Clock, Stamp } from '../clock.ts';
import type { MeshMessage } from '../mesh/messages.ts';
import type { Mesh, Peer } from '../mesh/peer.ts';
import type { Leadership, MasterView, NewEvent } from '../ports.ts';
import { placeAmong, Succession } from './succession.ts';
import { takeoverSentence } from './takeover-sentence.ts';

export interface LeaseOptions {
  readonly incarnation: string;
  readonly nodeId: string;
  readonly ttlMs: number;
  readonly marginMs: number;
  readonly clock: Clock;
  readonly mesh: Mesh;
  readonly log: Logger;
  /** for master's work: the pool */
  readonly db: Kysely<Database>;
  /** for takeover and hand-over: a connection that client requests cannot use up */
  readonly work: Kysely<Database>;
  readonly signal: AbortSignal;
  /** whether this node may become master in its present state */
  readonly eligible: () => boolean;
  /** this incarnation holds the lease now, until the signal aborts */
  readonly onMaster: (signal: AbortSignal) => void;
  /** something changed that the next heartbeat should find at once */
  readonly poke: () => void;
}

interface Held {
  readonly epoch: number;
  readonly leaseId: string;
  readonly since: Date;
  /** start of the last successful renewal */
  trusted: Stamp;
  /** when this process learned that it holds it: heartbeats sent before do not renew it */
  readonly heldAt: number;
  readonly ended: AbortController;
}

/** Takeovers that are remembered until their outcome is surely known. */
const mostAttempts = 32;
const longAgo: Stamp = { monotonic: -Infinity, wall: 0 };

/** The lease of the cluster as one incarnation sees, takes, renews and lets go of it. */
export class Lease implements Leadership {
  readonly #options: LeaseOptions;
  #held: Held | null = null;
  #seen: LeaseRow | null = null;
  #holderLives = false;
  #view: MasterView | null = null;
  /** lease ids of takeovers whose outcome this node may not have learned */
  readonly #attempted = new Set<string>();
  #taking: Promise<boolean> | null = null;
  readonly #succession: Succession;
  #members: readonly MemberRow[] = [];
  #later: NodeJS.Timeout | undefined;
  #waiting: (() => void)[] = [];

  constructor(options: LeaseOptions) {
    this.#options = options;
    this.#succession = new Succession(options.nodeId);
    options.mesh.listen({ message: (peer, message) => { this.#take(peer, message); } });
    options.signal.addEventListener('abort', () => {
      clearTimeout(this.#later);
      this.#stepDown();
    });
  }

  // --- what others ask

  current(): MasterView | null {
    return this.#view;
  }

  isMaster(): boolean {
    const held = this.#held;
    return held !== null && this.#options.clock.since(held.trusted) < this.#options.ttlMs - this.#options.marginMs;
  }

  async fenced<T>(effect: (trx: Transaction<Database>, epoch: number) => Promise<T>): Promise<T> {
    const held = this.#held;
    if (held === null || !this.isMaster()) throw new BulkheadError('NOT_MASTER');
    const limitMs = this.#options.ttlMs - this.#options.marginMs;
    return fencedTransaction(this.#options.db, { epoch: held.epoch, leaseId: held.leaseId, limitMs }, (trx) => effect(trx, held.epoch));
  }

  /** The lease to renew with the next heartbeat. */
  get leaseId(): string | null {
    return this.#held?.leaseId ?? null;
  }

  /** The row that the last heartbeat found. */
  get seen(): LeaseRow | null {
    return this.#seen;
  }

  /** Lets go of the lease for a live successor. The caller has checked that `to` is serving, or that anybody is. */
  async letGo(to: string | null): Promise<boolean> {
    const held = this.#held;
    const { nodeId } = this.#options;
    if (held === null) return false;
    // first the work stops here, then the lease is released: never two at once
    this.#stepDown();
    this.#succession.letGo(held.leaseId);
    const released = await releaseLease(this.#options.work, held.leaseId, to);
    this.#options.mesh.broadcast({ t: 'lease-released', epoch: held.epoch, leaseId: held.leaseId, to });
    this.#options.poke();
    this.#tell({ type: 'master.released', nodeId, message: `${nodeId} hands over${to === null ? '' : ` to ${to}`}`, detail: { epoch: held.epoch, to } });
    return released;
  }

  /** Events come after the deed: nothing that holds the event sequence may hold up a change of master. */
  #tell(event: NewEvent): void {
    appendEvent(this.#options.work, event).catch((error: unknown) => { this.#options.log.warn({ err: error, type: event.type }, 'an event was lost'); });
  }

  #announce(taken: TakenLease): void {
    const { nodeId } = this.#options;
    this.#tell({
      type: 'master.changed', nodeId, message: takeoverSentence(nodeId, taken),
      detail: { epoch: taken.epoch, cause: taken.cause, previousNodeId: taken.previousNodeId, gapMs: taken.gapMs },
    });
  }

  async handOver(to?: string): Promise<MasterView> {
    const before = this.#view?.epoch ?? 0;
    if (this.#view === null) throw new BulkheadError('NO_MASTER');
    if (to === this.#view.nodeId) return this.#view;
    if (!(await this.letGo(to ?? null))) throw new BulkheadError('NOT_MASTER');
    return this.successor(before);
  }

  /** Resolves when an epoch above `before` is known. */
  async successor(before: number): Promise<MasterView> {
    const deadline = performance.now() + this.#options.ttlMs * 2;
    while (performance.now() < deadline && !this.#options.signal.aborted) {
      if (this.#view !== null && this.#view.epoch > before) return this.#view;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#waiting.push(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    throw new BulkheadError('HANDOVER_FAILED', 'Nobody took the lease');
  }

  // --- with the heartbeat

  heartbeat(sentAt: Stamp, answer: HeartbeatAnswer): void {
    const { lease } = answer;
    if (lease !== null && this.#seen !== null && lease.epoch < this.#seen.epoch) return;
    this.#seen = lease;
    this.#members = answer.members;
    this.#holderLives = lease !== null && answer.members.some((member) => member.id === lease.incarnation);
    this.#renewed(sentAt, answer);
    if (lease !== null) this.#adopt(lease);
    this.#learn();
    this.#takeWhenDue();
  }

  #renewed(sentAt: Stamp, answer: HeartbeatAnswer): void {
    const held = this.#held;
    if (held === null) return;
    if (answer.renewed && answer.lease?.leaseId === held.leaseId) held.trusted = sentAt;
    else if (sentAt.monotonic >= held.heldAt) this.#stepDown();
  }

  /**
   * The lease is ours by the database and not by our own word: a takeover was committed although we heard of a failure, or letting
   * go failed. It is taken up again, or let go again by a node that may not be master.
   */
  #adopt(lease: LeaseRow): void {
    if (this.#held !== null || this.#taking !== null || lease.released || lease.incarnation !== this.#options.incarnation) return;
    if (!this.#attempted.has(lease.leaseId)) return;
    if (!this.#options.eligible()) {
      releaseLease(this.#options.work, lease.leaseId, null).catch(() => undefined);
      return;
    }
    // not renewed by this heartbeat, so it is trusted only from the next one on
    this.#hold({ epoch: lease.epoch, leaseId: lease.leaseId, since: new Date(lease.since) }, longAgo);
  }

  #learn(): void {
    const seen = this.#seen;
    const nodeId = seen?.nodeId ?? null;
    if (seen === null || nodeId === null || seen.released || !this.#holderLives) this.#show(null);
    else this.#show({ nodeId, epoch: seen.epoch, since: new Date(seen.since) });
  }

  #show(view: MasterView | null): void {
    this.#view = view;
    for (const wake of this.#waiting.splice(0)) wake();
  }

  // --- taking it

  /** Takes the lease when it can be had: there was none, its holder is gone, or it was let go and others had their turn. */
  #takeWhenDue(): void {
    clearTimeout(this.#later);
    const seen = this.#seen;
    if (this.#held !== null || this.#taking !== null || !this.#options.eligible() || this.#options.signal.aborted) return;
    if (seen !== null && this.#holderLives) {
      if (!seen.released) return;
      const { incarnation, mesh } = this.#options;
      const place = placeAmong(this.#members, incarnation, seen.incarnation, (id) => mesh.isLinked(id));
      const waitMs = this.#succession.waitMs(seen, place, performance.now());
      if (waitMs > 0) {
        this.#later = setTimeout(() => { this.#takeWhenDue(); }, Math.ceil(waitMs));
        return;
      }
    }
    void this.takeOver();
  }

  /** The holder was marked gone just now, by this node: no need to wait for the next heartbeat. */
  holderGone(incarnation: string): void {
    if (this.#seen?.incarnation !== incarnation) return;
    this.#holderLives = false;
    this.#learn();
    this.#takeWhenDue();
  }

  /** Tries to take the lease that was seen last. Resolves to whether this incarnation holds it now. */
  takeOver(): Promise<boolean> {
    this.#taking ??= this.#tryTakeOver().finally(() => { this.#taking = null; });
    return this.#taking;
  }

  async #tryTakeOver(): Promise<boolean> {
    const { incarnation, nodeId, clock, work, log, mesh } = this.#options;
    const seen = this.#seen;
    const leaseId = randomUUID();
    const begun = clock.stamp();
    const gone = seen !== null && !this.#holderLives;
    const takeover: Takeover = {
      incarnation, nodeId, leaseId, seen: seen === null ? null : { epoch: seen.epoch, leaseId: seen.leaseId },
      planned: seen?.released === true, ttlMs: this.#options.ttlMs,
    };
    this.#attempted.add(leaseId);
    for (const old of this.#attempted) if (this.#attempted.size > mostAttempts) this.#attempted.delete(old);
    try {
      const taken = await this.#takeEndingSessions(work, takeover, gone ? seen.incarnation : null);
      if (taken === null) {
        this.#options.poke();
        return false;
      }
      this.#hold({ epoch: taken.epoch, leaseId, since: taken.since }, begun);
      this.#seen = {
        epoch: taken.epoch, leaseId, incarnation, nodeId, since: taken.since.toISOString(), released: false, releasedTo: null,
      };
      this.#holderLives = true;
      this.#learn();
      mesh.broadcast({ t: 'master', nodeId, incarnation, epoch: taken.epoch, leaseId, since: taken.since.toISOString() });
      log.info({ epoch: taken.epoch, cause: taken.cause, gapMs: taken.gapMs, tookMs: Math.round(clock.since(begun)) }, 'became master');
      this.#announce(taken);
      this.#options.poke();
      return true;
    } catch (error) {
      log.warn({ err: error }, 'takeover failed');
      return false;
    }
  }

  async #takeEndingSessions(
    work: Kysely<Database>, takeover: Takeover, predecessor: string | null,
  ): Promise<TakenLease | null> {
    try {
      return await takeOver(work, takeover);
    } catch (error) {
      const lockHeld = error instanceof Error && 'code' in error && error.code === '55P03';
      if (!lockHeld || predecessor === null) throw error;
      await endSessions(work, predecessor);
      return takeOver(work, takeover);
    }
  }

  #hold(lease: { epoch: number; leaseId: string; since: Date }, trusted: Stamp): void {
    if (this.#options.signal.aborted) return;
    this.#held = { ...lease, trusted, heldAt: performance.now(), ended: new AbortController() };
    this.#options.onMaster(this.#held.ended.signal);
  }

  #stepDown(): void {
    const held = this.#held;
    if (held === null) return;
    this.#held = null;
    held.ended.abort();
  }

  #take(_peer: Peer, message: MeshMessage): void {
    if (message.t === 'lease-released' && this.#seen?.leaseId === message.leaseId) {
      this.#seen = { ...this.#seen, released: true, releasedTo: message.to };
      this.#learn();
      this.#takeWhenDue();
    }
    if (message.t === 'master' && message.epoch > (this.#seen?.epoch ?? 0)) {
      this.#seen = {
        epoch: message.epoch, leaseId: message.leaseId, incarnation: message.incarnation, nodeId: message.nodeId, since: message.since,
        released: false, releasedTo: null,
      };
      this.#holderLives = true;
      this.#learn();
    }
  }
}
