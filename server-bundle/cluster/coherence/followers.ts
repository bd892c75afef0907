import type { SharedStamp } from '../clock.ts';
import type { Hold } from '../mesh/messages.ts';

/**
 * What a reader has to know to answer from a cache of its own, in the order in which its member learned it. A reader that has taken over all of it
 * may answer whatever the member itself may.
 */
export type ReaderNews =
  | { readonly t: 'hold'; readonly writer: string; readonly hold: Hold }
  | { readonly t: 'release'; readonly writer: string; readonly number: number }
  /** the barrier is passed: what is read from the database from now on may be kept */
  | { readonly t: 'right-won'; readonly right: number }
  | { readonly t: 'right-lost' }
  /** a heartbeat sent at that moment found the right recorded */
  | { readonly t: 'confirmed'; readonly at: SharedStamp }
  /** whether there is a link to every serving member, over which its complete list of holds has arrived */
  | { readonly t: 'links'; readonly whole: boolean };

/** Readers in other processes that answer under the right of this member: the workers of its node. */
export interface Followers {
  /** Tells each of them, in order. Returns at once. */
  tell(news: ReaderNews): void;
  /** Resolves when each has taken over everything that was told before this call, or has certainly ended. */
  settled(): Promise<void>;
}

/** A node that is one process. */
export const noFollowers: Followers = { tell: () => undefined, settled: () => Promise.resolve() };
