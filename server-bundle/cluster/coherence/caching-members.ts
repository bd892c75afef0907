import type { MemberRow } from '../../metadata/heartbeat.ts';

/** A member that may answer from its cache, as this writer knows it. */
export interface CachingMember {
  readonly incarnation: string;
  readonly nodeId: string;
  readonly right: number;
  /** when this writer counted it, milliseconds of its own monotonic clock */
  readonly countedAt: number;
  /** when this writer first saw that the right is not confirmed any more; from then on a full window has to pass */
  lostAt: number | null;
}

/**
 * The caching members of this writer. One leaves only by its own word, or when a full window has passed on this writer's clock
 * since it saw that the right was revoked: what another writer has seen or waited for does not count here.
 */
export class CachingMembers {
  readonly #members = new Map<string, CachingMember>();

  /** From now on every change prepares this member. A newer right replaces the older one, which its holder has dropped. */
  count(incarnation: string, nodeId: string, right: number): void {
    const known = this.#members.get(incarnation);
    if (known !== undefined && (known.right > right || (known.right === right && known.lostAt !== null))) return;
    this.#members.set(incarnation, { incarnation, nodeId, right, countedAt: performance.now(), lostAt: null });
  }

  /** The member's own word that it has stopped. */
  stopped(incarnation: string, right: number): void {
    const known = this.#members.get(incarnation);
    if (known !== undefined && known.right <= right) this.#members.delete(incarnation);
  }

  /** Whether this is still what the writer knows of the member. */
  has(member: CachingMember): boolean {
    return this.#members.get(member.incarnation) === member;
  }

  forget(member: CachingMember): void {
    if (this.has(member)) this.#members.delete(member.incarnation);
  }

  all(): CachingMember[] {
    return [...this.#members.values()];
  }

  /** What a heartbeat sent at `sentAt` says: rights that are not recorded any more begin their last window. */
  observe(rows: readonly MemberRow[], sentAt: number, windowMs: number): void {
    const now = performance.now();
    for (const member of this.all()) {
      if (member.lostAt !== null) {
        if (now - member.lostAt > windowMs) this.forget(member);
        continue;
      }
      if (member.countedAt >= sentAt) continue;
      const row = rows.find((candidate) => candidate.id === member.incarnation);
      const lost = row === undefined || row.rightNumber > member.right || (row.rightNumber === member.right && !row.caching);
      if (lost) member.lostAt = now;
    }
  }
}
