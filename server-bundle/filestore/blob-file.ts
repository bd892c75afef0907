import type { FileHandle } from 'node:fs/promises';
import type { Calls } from './calls.ts';
import type { BlobFile } from './ports.ts';

/** An open file of blob bytes that is read with time-limited calls. */
export class FolderBlobFile implements BlobFile {
  readonly #file: FileHandle;
  readonly #calls: Calls;

  constructor(file: FileHandle, calls: Calls) {
    this.#file = file;
    this.#calls = calls;
  }

  async read(into: Buffer, position: number, length: number): Promise<number> {
    return (await this.#calls.run(() => this.#file.read(into, 0, length, position))).bytesRead;
  }

  async close(): Promise<void> {
    await this.#calls.run(() => this.#file.close());
  }
}
