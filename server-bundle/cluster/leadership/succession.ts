import type { LeaseRow, MemberRow } from '../../metadata/heartbeat.ts';

/** A named successor has this long to take a released lease before anybody may; whoever let it go waits as long for others. */
export const nameHonouredMs = 500;

/** Where nobody is named, each candidate waits this much longer than the one before it: one takes it, and the others save the work. */
export const candidateStepMs = 75;

/** Who takes a lease that was let go, and when. Knows one node's view; all times are of its monotonic clock, milliseconds. */
export class Succession {
  readonly #nodeId: string;
  #letGo: string | null = null;
  #seen: { readonly leaseId: string; readonly at: number } | null = null;

  constructor(nodeId: string) {
    this.#nodeId = nodeId;
  }

  /** This node lets go of the lease: of that one, not of others that it may be offered a moment later. */
  letGo(leaseId: string): void {
    this.#letGo = leaseId;
  }

  /**
   * How long this node has to leave a released lease to others, counted from the first call for that lease.
   *
   * @param place of this node among the candidates, from 0; see `placeAmong`
   * @returns milliseconds; 0: it may take it now
   */
  waitMs(lease: Pick<LeaseRow, 'leaseId' | 'releasedTo'>, place: number, now: number): number {
    if (this.#seen?.leaseId !== lease.leaseId) this.#seen = { leaseId: lease.leaseId, at: now };
    if (lease.releasedTo === this.#nodeId) return 0;
    const mine = lease.releasedTo === null && this.#letGo !== lease.leaseId;
    const whole = mine ? Math.min(place * candidateStepMs, nameHonouredMs) : nameHonouredMs;
    return Math.max(0, this.#seen.at + whole - now);
  }
}

/** The place of an incarnation among those that may follow `former`: members that serve and can be reached, in the order of their ids. */
export function placeAmong(members: readonly Pick<MemberRow, 'id' | 'state'>[], own: string, former: string | null, isLinked: (id: string) => boolean): number {
  return members.filter(({ id, state }) => state === 'serving' && id < own && id !== former && isLinked(id)).length;
}
