import type { NodeCondition, NodeDetails } from '../../contract/index.ts';
import { isFact, type Verdict } from './condition.ts';

export interface TrackedCondition extends Verdict {
  /** wall clock, milliseconds; null until it has changed once */
  readonly since: number | null;
  readonly lastKnown: NodeDetails['lastKnown'];
}

/** Remembers since when each node is as it is, and what it was when that was last known. */
export class ConditionTracks {
  readonly #tracks = new Map<string, { condition: NodeCondition; since: number | null; fact: NonNullable<NodeDetails['lastKnown']> | null }>();

  /**
   * @param heardAt when the newest sign of the node came, milliseconds since 1970; null when there never was one
   * @param now milliseconds since 1970
   */
  note(nodeId: string, { condition, sentence }: Verdict, heardAt: number | null, now: number): TrackedCondition {
    const before = this.#tracks.get(nodeId);
    const changed = before?.condition !== condition;
    const isKnown = isFact(condition);
    // a node that fell silent did so when it was last heard, not when that was noticed
    const since = !changed ? before.since : before === undefined ? null : isKnown ? now : heardAt ?? now;
    const fact = isKnown ? { condition, at: heardAt ?? now } : before?.fact ?? null;
    this.#tracks.set(nodeId, { condition, since, fact });
    return { condition, sentence, since, lastKnown: isKnown ? null : fact };
  }

  keepOnly(nodeIds: ReadonlySet<string>): void {
    for (const nodeId of this.#tracks.keys()) if (!nodeIds.has(nodeId)) this.#tracks.delete(nodeId);
  }
}
