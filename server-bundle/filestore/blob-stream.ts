import type { FileHandle } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { Calls } from './calls.ts';

const chunkBytes = 256 * 1024;

/** The bytes of an open blob file from `start` to `end` (both included), read with time-limited calls. Closes the file. */
export class BlobStream extends Readable {
  readonly #file: FileHandle;
  readonly #calls: Calls;
  readonly #end: number;
  #position: number;

  constructor(file: FileHandle, calls: Calls, start: number, end: number) {
    super({ highWaterMark: chunkBytes });
    this.#file = file;
    this.#calls = calls;
    this.#position = start;
    this.#end = end;
  }

  override _read(): void {
    const length = Math.min(chunkBytes, this.#end - this.#position + 1);
    if (length <= 0) {
      this.push(null);
      return;
    }
    this.#calls.run(() => this.#file.read(Buffer.allocUnsafeSlow(length), 0, length, this.#position)).then(
      ({ bytesRead, buffer }) => {
        if (this.destroyed) return;
        // shorter than its row says: end with an error, so that the client sees a broken transfer and not a short file
        if (bytesRead === 0) this.destroy(new Error('A blob file is shorter than its size'));
        else {
          this.#position += bytesRead;
          this.push(bytesRead === length ? buffer : buffer.subarray(0, bytesRead));
        }
      },
      (error: unknown) => { this.destroy(error instanceof Error ? error : new Error('The filestore failed')); },
    );
  }

  override _destroy(error: Error | null, callback: (error: Error | null) => void): void {
    this.#calls.run(() => this.#file.close()).then(() => { callback(error); }, () => { callback(error); });
  }
}
