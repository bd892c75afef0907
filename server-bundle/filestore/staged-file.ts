import { link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { BulkheadError } from '../contract/index.ts';
import { syncLimitMs, type Calls } from './calls.ts';
import { systemCode } from './failures.ts';
import { blobFile, blobFileName, shardFolder } from './layout.ts';
import { syncFolder } from './marker.ts';
import type { BlobName, Digests, Staged } from './ports.ts';

export interface StagedFileParts {
  readonly root: string;
  readonly folder: string;
  /** name in the staging folder, before it is published */
  readonly name: string;
  readonly generation: string;
  readonly content: Digests & { readonly size: number };
  readonly calls: Calls;
  /** checks marker and device */
  readonly verify: () => Promise<void>;
  /** the staging name is gone: nothing of this body is under way any more */
  readonly ended: () => void;
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
  readonly generation: string;
  readonly #parts: StagedFileParts;
  #stagingName: string;
  #published = false;

  constructor(parts: StagedFileParts) {
    this.#parts = parts;
    this.#stagingName = parts.name;
    this.generation = parts.generation;
    this.sha256 = parts.content.sha256;
    this.sha1 = parts.content.sha1;
    this.md5 = parts.content.md5;
    this.size = parts.content.size;
  }

  async open(range?: { readonly start: number; readonly end: number }): Promise<Readable> {
    const file = await this.#parts.calls.run(() => open(join(this.#parts.folder, this.#stagingName), 'r'));
    return file.createReadStream(range ?? {});
  }

  async publish(): Promise<void> {
    const { calls, root, folder, verify } = this.#parts;
    await calls.run(() => this.#sync(), syncLimitMs);
    // an unmounted share must not swallow a body that is about to be acknowledged
    await verify();
    const target = blobFile(root, this.#blob());
    await calls.run(async () => {
      const named = blobFileName(this.#blob());
      await rename(join(folder, this.#stagingName), join(folder, named));
      this.#stagingName = named;
      // from here on the blob may exist, whatever the next call answers
      this.#published = true;
      await link(join(folder, named), target).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
        this.#published = false;
        throw new BulkheadError('INTERNAL', 'A blob name was used twice', { cause: error });
      });
    });
    await calls.run(() => syncFolder(shardFolder(root, this.sha256)), syncLimitMs);
  }

  async release(): Promise<void> {
    await this.#unlink(join(this.#parts.folder, this.#stagingName));
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

  async #sync(): Promise<void> {
    const file = await open(join(this.#parts.folder, this.#stagingName), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #unlink(path: string): Promise<void> {
    await this.#parts.calls.run(() => unlink(path)).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
  }
}
