import { mkdir, open, readdir, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { BlobStream } from './blob-stream.ts';
import { syncLimitMs, type Calls } from './calls.ts';
import { EarlySync } from './early-sync.ts';
import { systemCode } from './failures.ts';
import { piecesFolder } from './layout.ts';
import { syncFolder } from './durable-files.ts';
import type { Piece } from './ports.ts';
import { chunksTakenIn } from './young-garbage.ts';

/** Written at once, bytes. */
const blockBytes = 512 * 1024;
const pieceName = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.[0-9a-f]{32}-\d+$/;

/** Files of uploads that any node may continue. They are flat: an upload's own folder would cost two more syncs for each upload. */
export class Pieces {
  readonly #folder: string;
  readonly #calls: Calls;
  readonly #verify: () => Promise<void>;
  #made: Promise<void> | undefined;
  #counter: number;

  /**
   * @param verify checks marker and device
   * @param countFrom see `FilestoreOptions`
   */
  constructor(root: string, calls: Calls, verify: () => Promise<void>, countFrom: number) {
    this.#counter = countFrom;
    this.#folder = piecesFolder(root);
    this.#calls = calls;
    this.#verify = verify;
  }

  async keep(incarnation: string, uploadId: string, body: Readable): Promise<Piece> {
    await this.#makeFolder();
    const file = `${uploadId}.${incarnation.replaceAll('-', '')}-${String(++this.#counter)}`;
    const path = join(this.#folder, file);
    try {
      const size = await this.#write(path, body);
      // an unmounted share must not swallow what is about to be acknowledged
      await this.#verify();
      await this.#calls.run(() => syncFolder(this.#folder), syncLimitMs);
      return { file, size };
    } catch (error) {
      await this.remove(file).catch(() => undefined);
      throw error;
    }
  }

  async open(file: string): Promise<Readable | null> {
    const handle = await this.#calls.run(() => open(join(this.#folder, file), 'r')).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    });
    if (handle === null) {
      await this.#verify();
      return null;
    }
    const { size } = await this.#calls.run(() => handle.stat());
    return new BlobStream(handle, this.#calls, 0, size - 1);
  }

  async remove(file: string): Promise<void> {
    await this.#calls.run(() => unlink(join(this.#folder, file))).catch((error: unknown) => {
      if (systemCode(error) !== 'ENOENT') throw error;
    });
  }

  async list(): Promise<{ file: string; uploadId: string }[]> {
    await this.#verify();
    const names = await this.#calls.run(() => readdir(this.#folder)).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    });
    return names.flatMap((file) => {
      const uploadId = pieceName.exec(file)?.[1];
      return uploadId === undefined ? [] : [{ file, uploadId }];
    });
  }

  async #write(path: string, body: Readable): Promise<number> {
    const file = await this.#calls.run(() => open(path, 'wx', 0o644));
    const early = new EarlySync(file, this.#calls);
    try {
      let size = 0;
      let waiting: Buffer[] = [];
      let filled = 0;
      const flush = async (): Promise<void> => {
        const block = Buffer.concat(waiting, filled);
        waiting = [];
        filled = 0;
        await this.#calls.write(() => file.writeFile(block));
        await early.wrote(block.length);
      };
      // the request is answered whatever happens here: its stream is not ours to destroy
      for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        waiting.push(chunk);
        filled += chunk.length;
        size += chunk.length;
        if (filled >= blockBytes) await flush();
        chunksTakenIn(chunk.length);
      }
      if (filled > 0) await flush();
      await early.end();
      await this.#calls.run(() => file.sync(), syncLimitMs);
      return size;
    } finally {
      await early.end().catch(() => undefined);
      await this.#calls.run(() => file.close());
    }
  }

  /** A filestore that is older than this folder gets it now; a bare mount point is refused by the check before. */
  #makeFolder(): Promise<void> {
    this.#made ??= this.#make().catch((error: unknown) => {
      this.#made = undefined;
      throw error;
    });
    return this.#made;
  }

  async #make(): Promise<void> {
    await this.#verify();
    await this.#calls.run(async () => {
      await mkdir(this.#folder).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
      await syncFolder(dirname(this.#folder));
    });
  }
}
