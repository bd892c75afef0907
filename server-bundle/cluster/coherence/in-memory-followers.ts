import { noFollowers, type Followers, type ReaderNews } from './followers.ts';
import { systemClock } from '../clock.ts';
import type { Kysely } from 'kysely';
import type { Database } from '../../metadata/schema.ts';
import type { MemberCoherence } from './coherence.ts';
import { FollowingReader } from './following-reader.ts';
import { windowMs } from './in-memory-members.ts';
import { allRules } from './rules.ts';

/** Followers of one member in memory. News arrive in a later turn of the event loop, or when a stopped follower goes on. */
export class MemoryFollowers implements Followers {
  readonly #followers: MemoryFollower[] = [];

  tell(news: ReaderNews): void {
    const copy = structuredClone(news);
    for (const follower of this.#followers) follower.hear(copy);
  }

  async settled(): Promise<void> {
    await Promise.all([noFollowers.settled(), ...this.#followers.map((follower) => follower.settled())]);
  }

  /** One that begins now. @param first what it is told first; what `leader` knows, unless a test takes that away */
  add(leader: MemberCoherence, first: readonly ReaderNews[] = leader.news()): MemoryFollower {
    const follower = new MemoryFollower(leader);
    for (const news of first) follower.hear(structuredClone(news));
    this.#followers.push(follower);
    return follower;
  }
}

export class MemoryFollower {
  readonly reader: FollowingReader;
  readonly #ended = new AbortController();
  #heard = 0;
  #taken = 0;
  #stopped: (() => void)[] | null = null;
  #waiting: (() => void)[] = [];

  constructor(leader: MemberCoherence) {
    this.reader = new FollowingReader(
      { db: {} as unknown as Kysely<Database>, clock: systemClock, rules: allRules, entries: 1000, windowMs, signal: this.#ended.signal },
      { begin: (touched) => leader.begin(touched), end: (number, unknown) => { leader.end(number, unknown); } },
    );
  }

  hear(news: ReaderNews): void {
    this.#heard += 1;
    setImmediate(() => {
      const take = (): void => {
        this.reader.take(news);
        this.#taken += 1;
        for (const wake of this.#waiting.splice(0)) wake();
      };
      if (this.#stopped === null) take();
      else this.#stopped.push(take);
    });
  }

  async settled(): Promise<void> {
    const heard = this.#heard;
    while (this.#taken < heard && !this.#ended.signal.aborted) await new Promise<void>((resolve) => { this.#waiting.push(resolve); });
  }

  /** Its process stands still: what is told waits. */
  stop(): void {
    this.#stopped ??= [];
  }

  goOn(): void {
    const waiting = this.#stopped ?? [];
    this.#stopped = null;
    for (const take of waiting) take();
  }

  /** It takes what waits for it by now, and stands still again. */
  catchUp(): void {
    for (const take of this.#stopped?.splice(0) ?? []) take();
  }

  /** Its process has ended. */
  end(): void {
    this.#ended.abort();
    for (const wake of this.#waiting.splice(0)) wake();
  }
}
