import type { MemberRow } from '../../metadata/heartbeat.ts';

interface Watched {
  beat: string;
  /** since when this node has seen it unchanged, milliseconds of the monotonic clock */
  since: number;
}

/**
 * Tells who has been silent for a whole TTL of this node's own successful observation. After an outage of the database every
 * heartbeat is old; only one that stays old counts, so an observation with a hole begins anew.
 */
export class FailureDetector {
  readonly #ttlMs: number;
  readonly #longestHoleMs: number;
  readonly #watched = new Map<string, Watched>();
  #observedAt = -Infinity;

  constructor(ttlMs: number, heartbeatMs: number) {
    this.#ttlMs = ttlMs;
    this.#longestHoleMs = Math.max(heartbeatMs * 3, ttlMs / 3);
  }

  /** Takes over what a heartbeat of this node found; returns the members that stood still for the TTL. */
  observe(members: readonly MemberRow[], now = performance.now()): MemberRow[] {
    if (now - this.#observedAt > this.#longestHoleMs) this.#watched.clear();
    this.#observedAt = now;
    for (const id of [...this.#watched.keys()]) if (!members.some((member) => member.id === id)) this.#watched.delete(id);
    return members.filter((member) => {
      const watched = this.#watched.get(member.id);
      if (watched?.beat === member.beat) return now - watched.since >= this.#ttlMs;
      this.#watched.set(member.id, { beat: member.beat, since: now });
      return false;
    });
  }

  /** Milliseconds until the first of those that stand still would count as silent, if nothing moved; null: nobody is watched, or somebody has been silent. */
  dueInMs(now = performance.now()): number | null {
    const due = Math.min(...[...this.#watched.values()].map(({ since }) => since + this.#ttlMs - now));
    return Number.isFinite(due) && due > 0 ? due : null;
  }
}
