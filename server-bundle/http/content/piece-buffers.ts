/** Sizes of buffers, the largest first. Copying half a megabyte at once costs little more than copying it; with a sixteenth of it the calls do. */
const sizes = [512 * 1024, 128 * 1024, 32 * 1024, 8 * 1024] as const;

/** Of the memory that is left, no one gets more than this part: the more readers hold some, the less a new one gets. */
const share = 32;

export const largestPiece = sizes[0];
export const smallestPiece = sizes[3];

/**
 * Buffers for pieces of files on their way to clients, used again and again: fresh memory for each piece costs more than filling it. What clients who read
 * slowly can hold is bounded: near `most`, there are small buffers only.
 */
export class PieceBuffers {
  readonly #most: number;
  readonly #kept: number;
  readonly #free = new Map<number, Buffer[]>(sizes.map((size) => [size, []]));
  #freeBytes = 0;
  #held = 0;

  /**
   * @param most bytes in use at which only the smallest buffers are given
   * @param kept bytes at most that wait to be used again
   */
  constructor(most = 32 * 1024 * 1024, kept = 8 * 1024 * 1024) {
    this.#most = most;
    this.#kept = kept;
  }

  /** Bytes in use. */
  get held(): number {
    return this.#held;
  }

  /** A buffer whose content is anything; of at most `limit` bytes, and no larger than `wanted` asks for. */
  take(limit: number, wanted: number): Buffer {
    const allowed = Math.min(limit, (this.#most - this.#held) / share);
    const largest = sizes.findIndex((size) => size <= allowed);
    let at = largest === -1 ? sizes.length - 1 : largest;
    while (at < sizes.length - 1 && (sizes[at + 1] ?? 0) >= wanted) at += 1;
    const size = sizes[at] ?? smallestPiece;
    const used = this.#free.get(size)?.pop();
    if (used !== undefined) this.#freeBytes -= size;
    this.#held += size;
    return used ?? Buffer.allocUnsafeSlow(size);
  }

  /** Takes a buffer back that nobody reads or writes any more. */
  giveBack(buffer: Buffer): void {
    this.drop(buffer);
    if (this.#freeBytes + buffer.length > this.#kept) return;
    this.#free.get(buffer.length)?.push(buffer);
    this.#freeBytes += buffer.length;
  }

  /** Leaves a buffer to the collector: a call that has not returned may still read or write it. */
  drop(buffer: Buffer): void {
    this.#held -= buffer.length;
  }
}
