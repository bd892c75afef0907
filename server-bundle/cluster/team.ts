import type { Followers } from './coherence/followers.ts';
import type { MemberCoherence } from './coherence/coherence.ts';
import type { OpenDatabase } from '../metadata/connection/database.ts';

/** Other processes of a node that serve clients under its incarnation: its workers. */
export interface Team extends Followers {
  /** the pool, of which every process holds a share */
  readonly pool: OpenDatabase;
  /** Begins to hire. */
  begin(coherence: MemberCoherence): void;
  /** server processes behind the connections of all of them, asked now */
  livePids(): Promise<number[]>;
  /** Lets all of them finish and end; the caller has drained. Resolves when none is left. */
  retire(): Promise<void>;
  /** Ends all of them at once. */
  end(): void;
  /** resolves when, after `end` or `retire`, none is left */
  readonly gone: Promise<void>;
}
