import { Readable } from 'node:stream';
import type { GrowingFile, StageFollower } from '../../filestore/ports.ts';

/** What upstream said of the body before sending it. */
export interface ArrivalHead {
  /** bytes; null when upstream did not say */
  readonly size: number | null;
  readonly mimeType: string;
  readonly modifiedAt: Date | null;
  readonly checksums: { readonly sha256?: string; readonly sha1?: string; readonly md5?: string };
}

const readBytes = 256 * 1024;
/** Whoever was told of a body begins to read it within this time. Milliseconds. */
const lingerMs = 30_000;

/**
 * A body that is on its way from upstream, for any number of readers at their own pace. What is not in the staging file yet is kept in memory
 * (a megabyte and a half at most: the file is written as fast as upstream sends), the rest is read from the file.
 *
 * Its end is held back until its digests were checked: of a body whose length is known the last byte, of any other one the end itself. So
 * nobody takes a truncated or wrong body for a whole one.
 */
export class Arrival implements StageFollower {
  readonly head: ArrivalHead;
  readonly #chunks: Buffer[] = [];
  /** position of the first byte in `#chunks` */
  #start = 0;
  #received = 0;
  #state: 'arriving' | 'good' | 'failed' = 'arriving';
  #failure: Error | null = null;
  #file: GrowingFile | null = null;
  readonly #readers = new Set<ArrivalReader>();

  constructor(head: ArrivalHead) {
    this.head = head;
  }

  get received(): number {
    return this.#received;
  }

  /** One more piece of the body, in order. */
  add(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#received += chunk.length;
    this.#wake();
  }

  written(bytes: number, file: GrowingFile): void {
    this.#file ??= file;
    while (this.#chunks[0] !== undefined && this.#start + this.#chunks[0].length <= bytes) this.#start += this.#chunks.shift()?.length ?? 0;
  }

  /** All of it is there and is what it was said to be. */
  finish(): void {
    if (this.#state !== 'arriving') return;
    this.#state = 'good';
    this.#wake();
    this.#closeWhenUnused();
  }

  /** Breaks off every reader. */
  fail(error: Error): void {
    if (this.#state !== 'arriving') return;
    this.#state = 'failed';
    this.#failure = error;
    for (const reader of [...this.#readers]) reader.destroy(error);
    this.#closeWhenUnused();
  }

  /** The body from its first byte. */
  read(): Readable {
    const reader = new ArrivalReader(this);
    if (this.#failure !== null) reader.destroy(this.#failure);
    else this.#readers.add(reader);
    return reader;
  }

  /** Bytes at `position`: null at the end, undefined when a reader has to wait for more. */
  piece(position: number): Promise<Buffer> | Buffer | null | undefined {
    const good = this.#state === 'good';
    if (good && position >= this.#received) return null;
    const { size } = this.head;
    const limit = good || size === null ? this.#received : Math.min(this.#received, size - 1);
    if (position >= limit) return undefined;
    if (position < this.#start) {
      if (this.#file === null) throw new Error('A part of the body is neither in memory nor in the file');
      return this.#file.read(position, Math.min(readBytes, this.#start - position, limit - position));
    }
    let at = this.#start;
    for (const chunk of this.#chunks) {
      if (position < at + chunk.length) return chunk.subarray(position - at, Math.min(chunk.length, limit - at));
      at += chunk.length;
    }
    return undefined;
  }

  leave(reader: ArrivalReader): void {
    this.#readers.delete(reader);
    this.#closeWhenUnused();
  }

  #wake(): void {
    for (const reader of this.#readers) reader.more();
  }

  #closeWhenUnused(): void {
    if (this.#file === null || this.#state === 'arriving' || this.#readers.size > 0) return;
    const file = this.#file;
    clearTimeout(this.#closing);
    if (this.#state === 'failed') void file.close();
    else {
      this.#closing = setTimeout(() => {
        if (this.#readers.size === 0) void file.close();
      }, lingerMs).unref();
    }
  }

  #closing: NodeJS.Timeout | undefined;
}

class ArrivalReader extends Readable {
  readonly #arrival: Arrival;
  #position = 0;
  #wanting = false;

  constructor(arrival: Arrival) {
    super({ highWaterMark: readBytes });
    this.#arrival = arrival;
  }

  more(): void {
    if (this.#wanting) this._read();
  }

  override _read(): void {
    this.#wanting = false;
    try {
      const piece = this.#arrival.piece(this.#position);
      if (piece === undefined) this.#wanting = true;
      else if (piece === null || Buffer.isBuffer(piece)) this.#take(piece);
      else piece.then((bytes) => { this.#take(bytes); }, (error: unknown) => { this.#break(error); });
    } catch (error) {
      this.#break(error);
    }
  }

  #take(piece: Buffer | null): void {
    if (this.destroyed) return;
    if (piece?.length === 0) {
      this.destroy(new Error('A staging file is shorter than what was written'));
      return;
    }
    this.#position += piece?.length ?? 0;
    this.push(piece);
  }

  #break(error: unknown): void {
    this.destroy(error instanceof Error ? error : new Error('The filestore failed'));
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#arrival.leave(this);
    callback(error);
  }
}
