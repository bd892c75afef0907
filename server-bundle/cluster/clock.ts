/** One moment on both clocks. */
export interface Stamp {
  /** milliseconds of the monotonic clock */
  readonly monotonic: number;
  /** milliseconds of the wall clock */
  readonly wall: number;
}

export interface Clock {
  stamp(): Stamp;
  /**
   * Milliseconds since `stamp`. Infinite when the two clocks disagree about it: the machine was suspended (the monotonic clock
   * stood still meanwhile), or somebody set the time. Whatever was trusted for a while is not trusted then.
   */
  since(stamp: Stamp): number;
}

/** Clocks that are slewed differ by far less within the seconds that anything here is trusted for. */
const jumpMs = 250;

export const systemClock: Clock = {
  stamp: () => ({ monotonic: performance.now(), wall: Date.now() }),
  since: (stamp) => {
    const monotonic = performance.now() - stamp.monotonic;
    const wall = Date.now() - stamp.wall;
    return Math.abs(wall - monotonic) > jumpMs ? Infinity : monotonic;
  },
};
