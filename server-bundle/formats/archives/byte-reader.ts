/** More bytes than the reader was allowed to look at. */
export class TooLong extends Error {}

/** Takes exact numbers of bytes from a stream of chunks, and never looks at more than `limit`. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  #left: number;
  #rest: Buffer = Buffer.alloc(0);

  /** @param limit bytes that may be taken or skipped altogether */
  constructor(chunks: AsyncIterable<Buffer>, limit: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#left = limit;
  }

  /** Exactly `size` bytes; null when the stream ends before. @throws TooLong */
  async take(size: number): Promise<Buffer | null> {
    this.#spend(size);
    const parts: Buffer[] = [];
    for (let missing = size; missing > 0;) {
      if (this.#rest.length === 0 && !await this.#more()) return null;
      const part = this.#rest.subarray(0, missing);
      this.#rest = this.#rest.subarray(part.length);
      missing -= part.length;
      parts.push(part);
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  /** Passes over `size` bytes; false when the stream ends before. @throws TooLong */
  async skip(size: number): Promise<boolean> {
    this.#spend(size);
    for (let missing = size; missing > 0;) {
      if (this.#rest.length === 0 && !await this.#more()) return false;
      const length = Math.min(missing, this.#rest.length);
      this.#rest = this.#rest.subarray(length);
      missing -= length;
    }
    return true;
  }

  #spend(size: number): void {
    if (size > this.#left) throw new TooLong('the archive is longer than anything that is looked into');
    this.#left -= size;
  }

  async #more(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#rest = next.value;
    return true;
  }
}
