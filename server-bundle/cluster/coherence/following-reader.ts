import { isBulkheadError } from '../../contract/index.ts';
import { ownStamp } from '../clock.ts';
import type { Coherence, Touched } from '../ports.ts';
import { CacheReader, type CacheReaderOptions } from './cache-reader.ts';
import type { ReaderNews } from './followers.ts';

/** How a follower changes something: its member prepares and releases for it. */
export interface LedChanges {
  /** Resolves to the change's number when nobody can answer what `touched` names from a cache any more. */
  begin(touched: Touched): Promise<number>;
  /** The change is over. @param unknown whether it took effect is not known: the member finds out before it releases */
  end(number: number, unknown: boolean): void;
}

/** A reader that knows what its member tells it: coherence as a worker process sees it. */
export class FollowingReader extends CacheReader implements Coherence {
  readonly #changes: LedChanges;

  constructor(options: CacheReaderOptions, changes: LedChanges) {
    super(options);
    this.#changes = changes;
  }

  /** Takes news over at once. It counts as taken when this returns. */
  take(news: ReaderNews): void {
    switch (news.t) {
      case 'hold':
        this.hold(news.writer, news.hold);
        break;
      case 'release':
        this.holds.release(news.writer, news.number);
        break;
      case 'right-won':
        this.right.begin(news.right);
        this.right.win();
        this.cache.clear();
        break;
      case 'right-lost':
        this.right.lose();
        this.cache.clear();
        break;
      case 'confirmed':
        if (this.right.jumped()) this.cache.clear();
        this.right.confirm(ownStamp(news.at));
        break;
      case 'links':
        this.linked = news.whole;
        break;
    }
  }

  async change<T>(touched: Touched, commit: () => Promise<T>): Promise<T> {
    const number = await this.#changes.begin(touched);
    let unknown = false;
    try {
      return await commit();
    } catch (error) {
      unknown = isBulkheadError(error, 'OUTCOME_UNKNOWN');
      throw error;
    } finally {
      this.#changes.end(number, unknown);
    }
  }
}
