import { ownStamp } from '../clock.ts';
import type { Coherence, Touched } from '../ports.ts';
import { CacheReader, type CacheReaderOptions } from './cache-reader.ts';
import type { ReaderNews } from './followers.ts';
import { preparedChange, type Preparations } from './prepared-change.ts';

/** A reader that knows what its member tells it: coherence as a worker process sees it. */
export class FollowingReader extends CacheReader implements Coherence {
  readonly #changes: Preparations;

  /** @param changes how a follower changes something: its member prepares and releases for it */
  constructor(options: CacheReaderOptions, changes: Preparations) {
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

  change<T>(touched: Touched, commit: () => Promise<T>): Promise<T> {
    return preparedChange(this.#changes, touched, commit);
  }
}
