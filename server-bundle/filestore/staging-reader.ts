import { open, type FileHandle } from 'node:fs/promises';
import type { Calls } from './calls.ts';
import type { GrowingFile } from './ports.ts';

/** Reads a staging file while it is being written. Opened when something is in it for the first time. */
export class StagingReader implements GrowingFile {
  readonly #path: string;
  readonly #calls: Calls;
  #file: Promise<FileHandle> | undefined;
  #closed = false;

  constructor(path: string, calls: Calls) {
    this.#path = path;
    this.#calls = calls;
  }

  /** Resolves when the file does not need its name any more; nothing happens to one that nobody has heard of. */
  async ready(): Promise<void> {
    if (this.#file !== undefined) await this.#file;
  }

  /** To be called once the file is there. */
  begin(): void {
    if (this.#file !== undefined || this.#closed) return;
    this.#file = this.#calls.run(() => open(this.#path, 'r'));
    // its failure is met by whoever reads
    this.#file.catch(() => undefined);
  }

  async read(position: number, length: number): Promise<Buffer> {
    if (this.#file === undefined) throw new Error('nothing was written yet');
    const file = await this.#file;
    const { buffer, bytesRead } = await this.#calls.run(() => file.read(Buffer.allocUnsafeSlow(length), 0, length, position));
    return bytesRead === length ? buffer : buffer.subarray(0, bytesRead);
  }

  async close(): Promise<void> {
    this.#closed = true;
    const file = await this.#file?.catch(() => undefined);
    await file?.close().catch(() => undefined);
  }
}
