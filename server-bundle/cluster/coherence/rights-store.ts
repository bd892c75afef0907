import type { MemberRow } from '../../metadata/heartbeat.ts';

/** What coherence needs of the database. Implemented over `metadata/rights.ts`; in memory in tests. */
export interface RightsStore {
  /** Records the right of this incarnation, committed; its number, or null when this incarnation is gone. */
  record(): Promise<number | null>;
  /** Gives the right of this incarnation back, unless it has a newer one. */
  drop(right: number): Promise<void>;
  /** Takes the right from another member, unless it has it no more. Committed when it resolves. */
  revoke(member: { readonly incarnation: string; readonly nodeId: string }, right: number): Promise<void>;
  /** Live incarnations now, read after everything that this incarnation has committed. */
  members(): Promise<readonly MemberRow[]>;
  /**
   * Whether every session that was in use when a commit's outcome became unknown, `agoMs` milliseconds ago, has come to its end: then the
   * outcome is what any read finds.
   */
  settled(agoMs: number): Promise<boolean>;
}
