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

/**
 * A moment that other processes of the same host understand: `performance.now()` starts at zero in each of them, `process.hrtime` reads the one
 * monotonic clock of the system.
 */
export interface SharedStamp {
  /** nanoseconds, `process.hrtime.bigint()` */
  readonly monotonic: bigint;
  /** milliseconds of the wall clock */
  readonly wall: number;
}

const nanoseconds = 1e6;

/** `stamp` for another process. What is lost on the way makes it earlier, never later. */
export function sharedStamp({ monotonic, wall }: Stamp): SharedStamp {
  const now = process.hrtime.bigint();
  return { monotonic: now - BigInt(Math.ceil((performance.now() - monotonic) * nanoseconds)), wall };
}

/** A moment that another process has seen, on the clocks of this one: the same, or a little earlier. */
export function ownStamp({ monotonic, wall }: SharedStamp): Stamp {
  const now = performance.now();
  return { monotonic: now - Number(process.hrtime.bigint() - monotonic) / nanoseconds, wall };
}
