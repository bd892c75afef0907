import { link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { BulkheadError } from '../contract/index.ts';
import { syncLimitMs, type Calls } from './calls.ts';
import { syncFolder, writeDurably } from './durable-files.ts';
import { systemCode } from './failures.ts';
import { blobFile, blobFileName, shardFolder } from './layout.ts';
import type { BlobName, Staged } from './ports.ts';
import type { Received } from './receive.ts';

export interface StagedFileParts {
  readonly root: string;
  readonly folder: string;
  /** name in the staging folder, before it is published */
  readonly name: string;
  readonly generation: string;
  readonly content: Received;
  readonly arrivedInMs: number;
  readonly calls: Calls;
  /** checks marker and device */
  readonly verify: () => Promise<void>;
  /** the staging name is gone: nothing of this body is under way any more */
  readonly ended: () => void;
  /** the staging folder is not there any more */
  readonly lost: () => Promise<void>;
}

/**
 * A received body on its way to being a blob. While it is being published it is found under two names: `blobs/…` and, in the
 * staging folder of its incarnation, the same name, which is how a sweep knows what to look up.
 */
export class StagedFile implements Staged {
  readonly sha256: string;
  readonly sha1: string;
  readonly md5: string;
  readonly size: number;
  readonly arrivedInMs: number;
  readonly generation: string;
  readonly #parts: StagedFileParts;
  readonly #held: Buffer | null;
  #stagingName: string;
  /** there may be a file of the staging name */
  #written: boolean;
  #synced = false;
  #published = false;
  /** what the sync of a written file failed with: the kernel tells of lost bytes once, and the next sync would succeed without them */
  #lostBytes: Error | null = null;

  constructor(parts: StagedFileParts) {
    this.#parts = parts;
    this.#held = parts.content.held;
    this.#written = this.#held === null;
    this.#stagingName = parts.name;
    this.generation = parts.generation;
    this.sha256 = parts.content.sha256;
    this.sha1 = parts.content.sha1;
    this.md5 = parts.content.md5;
    this.size = parts.content.size;
    this.arrivedInMs = parts.arrivedInMs;
  }

  async open(range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    if (this.#held !== null) return Readable.from([range === undefined ? this.#held : this.#held.subarray(range.start, range.end + 1)], { objectMode: false });
    const file = await this.#parts.calls.run(() => open(join(this.#parts.folder, this.#stagingName), 'r'));
    return file.createReadStream(range ?? {});
  }

  async publish(): Promise<void> {
    const { calls, root, verify } = this.#parts;
    // an unmounted share must not swallow a body that is about to be acknowledged; the name is given after both
    const [synced, verified] = await Promise.allSettled([this.#sync(), verify()]);
    if (synced.status === 'rejected') throw synced.reason;
    if (verified.status === 'rejected') throw verified.reason;
    await calls.run(() => this.#link(blobFile(root, this.#blob()))).catch((error: unknown) => this.#vanished(error));
    await calls.run(() => syncFolder(shardFolder(root, this.sha256)), syncLimitMs);
  }

  /** A look-up of what was published begins with the name in the staging folder, so it has to be the blob's own first. */
  async #link(target: string): Promise<void> {
    const { folder } = this.#parts;
    const named = blobFileName(this.#blob());
    if (this.#stagingName !== named) await rename(join(folder, this.#stagingName), join(folder, named));
    this.#stagingName = named;
    const before = this.#published;
    // from here on the blob may exist, whatever the next call answers
    this.#published = true;
    await link(join(folder, named), target).catch((error: unknown) => {
      if (systemCode(error) !== 'EEXIST') throw error;
      // an attempt before this one, which was not waited for, has made it
      if (before) return;
      this.#published = false;
      throw new BulkheadError('INTERNAL', 'A blob name was used twice', { cause: error });
    });
  }

  async release(): Promise<void> {
    if (this.#written) await this.#unlink(join(this.#parts.folder, this.#stagingName));
    this.#parts.ended();
  }

  async discard(): Promise<void> {
    // the published name first: as long as the staging name is there, a sweep finds what this could not remove
    if (this.#published) await this.#unlink(blobFile(this.#parts.root, this.#blob()));
    await this.release();
  }

  #blob(): BlobName {
    return { sha256: this.sha256, generation: this.generation };
  }

  /** Makes the bytes survive a power loss, under the staging name. */
  async #sync(): Promise<void> {
    if (this.#synced) return;
    if (this.#lostBytes !== null) throw this.#lostBytes;
    const { calls } = this.#parts;
    try {
      await calls.run(() => (this.#held === null ? this.#syncWritten() : this.#writeHeld(this.#held)), syncLimitMs);
      this.#synced = true;
    } catch (error) {
      // one that was not waited for counts, too: nobody would hear what it ends with
      if (this.#held === null) this.#lostBytes = error instanceof Error ? error : new Error(String(error));
      await this.#vanished(error);
    }
  }

  /**
   * The staging folder is not there: the share is not, or this incarnation was declared gone while this process stood still and its
   * folder was put aside. The request may go to another node then: nothing was published, and nothing will be.
   */
  async #vanished(error: unknown): Promise<never> {
    if (systemCode(error) !== 'ENOENT') throw error;
    await this.#parts.lost();
    throw new BulkheadError('NOT_SERVING', 'The staging folder of this incarnation was put aside: it was declared gone', { cause: error });
  }

  async #syncWritten(): Promise<void> {
    const file = await open(join(this.#parts.folder, this.#stagingName), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #writeHeld(bytes: Buffer): Promise<void> {
    this.#stagingName = blobFileName(this.#blob());
    this.#written = true;
    // the name is this body's alone: what may be there is what an attempt before has left
    await writeDurably(join(this.#parts.folder, this.#stagingName), bytes);
  }

  async #unlink(path: string): Promise<void> {
    await this.#parts.calls.run(() => unlink(path)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
  }
}
