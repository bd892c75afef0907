import type { Kysely } from 'kysely';
import type { Logger } from 'pino';
import type { HeartbeatAnswer, MemberRow } from '../../metadata/heartbeat.ts';
import { endSessions, markGone, tellGone, type Stillness } from '../../metadata/membership.ts';
import type { Database } from '../../metadata/schema.ts';
import type { Lease } from '../leadership/lease.ts';
import type { Mesh } from '../mesh/peer.ts';
import { FailureDetector } from './failure-detector.ts';
import { portRefuses } from './port-probe.ts';

export interface EvictionOptions {
  readonly incarnation: string;
  readonly heartbeatMs: number;
  readonly ttlMs: number;
  readonly mesh: Mesh;
  readonly lease: Lease;
  readonly work: Kysely<Database>;
  readonly log: Logger;
  readonly signal: AbortSignal;
  readonly poke: () => void;
}

/** A heartbeat is missing when it is older than this share of the period. */
const missed = 1.2;
const retryMs = 20;
const probeMs = 200;
/** A port that took so many connections in a row is open. */
const mostAccepted = 3;
/** So many early takeovers within `calmMs`, and a further one waits for the TTL: somebody resets connections of live nodes. */
const mostEarly = 3;
const calmMs = 15_000;

/**
 * Marks lost members gone. At once when the link is closed, the port refuses and a heartbeat is missing; otherwise when its
 * heartbeat stood still for the TTL. The master does it; for the master, everybody.
 */
export class Eviction {
  readonly #options: EvictionOptions;
  readonly #detector: FailureDetector;
  readonly #suspected = new Set<string>();
  #members: readonly MemberRow[] = [];
  /** when the heartbeat was sent that told of them, milliseconds of the monotonic clock */
  #askedAt = performance.now();
  #look: NodeJS.Timeout | undefined;
  /** when unplanned changes of master were seen */
  #unplanned: number[] = [];
  #lastLease: { readonly epoch: number; readonly incarnation: string | null } | null = null;

  constructor(options: EvictionOptions) {
    this.#options = options;
    this.#detector = new FailureDetector(options.ttlMs, options.heartbeatMs);
    options.signal.addEventListener('abort', () => { clearTimeout(this.#look); });
    options.mesh.listen({
      closed: (peer) => {
        const member = this.#members.find((candidate) => candidate.id === peer.incarnation);
        // another link may have taken its place
        if (member !== undefined) setImmediate(() => { this.#suspect(member); });
      },
    });
  }

  /** @param sentAt when the heartbeat was sent, milliseconds of the monotonic clock */
  heartbeat(answer: HeartbeatAnswer, sentAt = performance.now()): void {
    this.#askedAt = sentAt;
    const { incarnation, mesh } = this.#options;
    this.#members = answer.members.filter((member) => member.id !== incarnation);
    this.#countTakeovers(answer);
    for (const member of this.#detector.observe(this.#members)) {
      if (this.#mine(member)) void this.#evict(member, 'expired', { beat: member.beat });
    }
    this.#lookWhenDue();
    for (const member of this.#members) {
      if (!mesh.isLinked(member.id) && member.ageMs > this.#options.heartbeatMs) this.#suspect(member);
    }
  }

  /** A heartbeat of this node right at the end of somebody's TTL: without it the next regular one would notice up to a period later. */
  #lookWhenDue(): void {
    const { heartbeatMs, poke } = this.#options;
    clearTimeout(this.#look);
    const dueMs = this.#detector.dueInMs();
    if (dueMs !== null && dueMs <= heartbeatMs) this.#look = setTimeout(poke, Math.ceil(dueMs));
  }

  #countTakeovers({ lease, members }: HeartbeatAnswer): void {
    const now = performance.now();
    const before = this.#lastLease;
    this.#unplanned = this.#unplanned.filter((at) => now - at < calmMs);
    if (lease === null || lease.epoch === before?.epoch) return;
    this.#lastLease = { epoch: lease.epoch, incarnation: lease.incarnation };
    // who hands over stays a member
    if (before !== null && !members.some((member) => member.id === before.incarnation)) this.#unplanned.push(now);
  }

  #holdsLease(member: MemberRow): boolean {
    return this.#options.lease.seen?.incarnation === member.id;
  }

  #mine(member: MemberRow): boolean {
    return !this.#options.signal.aborted && (this.#holdsLease(member) || this.#options.lease.isMaster());
  }

  #suspect(member: MemberRow): void {
    if (this.#suspected.has(member.id) || this.#options.mesh.isLinked(member.id) || !this.#mine(member)) return;
    if (this.#holdsLease(member) && this.#unplanned.length >= mostEarly) return;
    this.#suspected.add(member.id);
    void this.#examine(member).catch((error: unknown) => {
      this.#options.log.debug({ err: error, nodeId: member.nodeId }, 'could not tell whether a member is lost');
    }).finally(() => this.#suspected.delete(member.id));
  }

  async #examine(member: MemberRow): Promise<void> {
    const { mesh, heartbeatMs } = this.#options;
    const olderThanMs = heartbeatMs * missed;
    const deadline = performance.now() + olderThanMs * 2;
    for (let accepted = 0; performance.now() < deadline && !mesh.isLinked(member.id) && this.#mine(member);) {
      // its heartbeat cannot be missing before: until then the database would be asked in vain
      const waitMs = Math.min(retryMs, this.#ageDueMs(member, olderThanMs));
      await pause(waitMs);
      if (waitMs > 0) continue;
      if (!(await portRefuses(member.url, probeMs))) {
        // the kernel of a process that ends closes one socket after the other: the link may go before the port does
        accepted += 1;
        if (accepted === mostAccepted) return;
      } else if (await this.#evict(member, 'fail-over', { olderThanMs })) return;
      await pause(retryMs);
    }
  }

  /** How long until its last known heartbeat is older than that at the earliest; milliseconds, 0 or less: it may be already. */
  #ageDueMs(member: MemberRow, olderThanMs: number): number {
    const { ageMs } = this.#members.find(({ id }) => id === member.id) ?? member;
    return this.#askedAt - ageMs + olderThanMs - performance.now();
  }

  async #evict(member: MemberRow, cause: 'fail-over' | 'expired', still: Stillness): Promise<boolean> {
    const { work, lease, log } = this.#options;
    try {
      if (!(await markGone(work, member, 'lost', still))) return false;
    } catch (error) {
      log.warn({ err: error, nodeId: member.nodeId }, 'could not mark a lost member gone');
      return false;
    }
    log.warn({ nodeId: member.nodeId, incarnation: member.id, cause }, 'member lost');
    lease.holderGone(member.id);
    this.#options.poke();
    await endSessions(work, member.id).catch(() => 0);
    await tellGone(work, member, 'lost').catch((error: unknown) => { log.warn({ err: error }, 'an event was lost'); });
    return true;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}
