import { randomBytes } from 'node:crypto';
import { mkdir, open, opendir, readdir, rename, rm, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Readable } from 'node:stream';
import { FolderBlobFile } from './blob-file.ts';
import { BlobStream } from './blob-stream.ts';
import { Calls, syncLimitMs } from './calls.ts';
import { readClaim, writeClaim, type CollectionClaim } from './claim.ts';
import { systemCode } from './failures.ts';
import { HashThreads, type Algorithm } from './hashing.ts';
import { asideFolder, blobFile, generationOf, isAside, parseBlobFileName, stagingFolder, stagingRoot } from './layout.ts';
import { syncFolder } from './durable-files.ts';
import { Pieces } from './pieces.ts';
import type { BlobFile, BlobName, Filestore, FilestoreReport, Leftover, Piece, Staged, StageFollower } from './ports.ts';
import { receive } from './receive.ts';
import { removeFiles, type Removed } from './remove-files.ts';
import { StagedFile } from './staged-file.ts';
import { StagingReader } from './staging-reader.ts';
import { Watch } from './watch.ts';

/**
 * How many calls may be in the folder at once. libuv's pool has four threads unless the process set it otherwise when it began;
 * a few stay free for names, passwords and the checks.
 */
function callsAtOnce(): number {
  const threads = Number(process.env['UV_THREADPOOL_SIZE'] ?? 4);
  return Math.max(2, threads - Math.max(2, Math.floor(threads / 4)));
}

export interface FilestoreOptions {
  readonly path: string;
  /** processes that share an incarnation count from different ones, so far apart that none gets to the next; default 0 */
  readonly countFrom?: number;
}

/** Opens the filestore below `path`. It can be used once it is bound to its cluster. */
export function openFilestore({ path, countFrom = 0 }: FilestoreOptions): Filestore {
  return new FolderFilestore(path, countFrom);
}

/** A filestore in a folder that all nodes share (NFS, or a local disk for a cluster on one machine). */
class FolderFilestore implements Filestore {
  readonly path: string;
  readonly #watch: Watch;
  readonly #calls = new Calls(callsAtOnce());
  readonly #threads = new HashThreads();
  readonly #pieces: Pieces;
  /** staging folders that were made by this process, with what is under way in each, by generation */
  readonly #active = new Map<string, Set<string>>();
  readonly #folders = new Map<string, Promise<void>>();
  #counter: number;

  constructor(path: string, countFrom: number) {
    this.path = path;
    this.#counter = countFrom;
    this.#watch = new Watch(path, () => this.#calls.answeredAt);
    this.#pieces = new Pieces(path, this.#calls, () => this.verify(), countFrom);
  }

  bind(clusterId: string): Promise<void> {
    return this.#watch.bind(clusterId);
  }

  state(): FilestoreReport {
    return this.#watch.report();
  }

  verify(): Promise<void> {
    return this.#watch.verify();
  }

  async stage(incarnation: string, body: Readable | Buffer, follower?: StageFollower): Promise<Staged> {
    this.#watch.assertUsable();
    const { folder, active } = await this.#stagingFolder(incarnation);
    const counter = ++this.#counter;
    const name = String(counter);
    const generation = generationOf(incarnation, counter);
    active.add(generation);
    const path = join(folder, name);
    const growing = follower === undefined ? undefined : new StagingReader(path, this.#calls);
    try {
      const progress = growing === undefined ? undefined : (bytes: number): void => {
        growing.begin();
        follower?.written(bytes, growing);
      };
      const begun = performance.now();
      const content = await receive({ calls: this.#calls, threads: this.#threads, progress }, path, body);
      // before its name can go
      await growing?.ready();
      return new StagedFile({
        root: this.path, folder, name, generation, content, arrivedInMs: performance.now() - begun, calls: this.#calls,
        verify: () => this.verify(),
        ended: () => { active.delete(generation); },
        lost: () => this.#lost(incarnation),
      });
    } catch (error) {
      await this.#calls.run(() => unlink(path)).catch(() => undefined);
      active.delete(generation);
      // the folder was there a moment ago: the share is not
      if (systemCode(error) === 'ENOENT') await this.#lost(incarnation);
      throw error;
    }
  }

  async open(blob: BlobName): Promise<FileHandle | null> {
    this.#watch.assertUsable();
    const path = blobFile(this.path, blob);
    const first = await this.#openIfThere(path);
    if (first !== null) return first;
    await this.verify();
    // a client of a network filesystem may remember an absence; opening the folder makes it ask again
    await this.#calls.run(async () => { await (await opendir(dirname(path))).close(); });
    return this.#openIfThere(path);
  }

  async openFile(blob: BlobName): Promise<BlobFile | null> {
    const file = await this.open(blob);
    return file === null ? null : new FolderBlobFile(file, this.#calls);
  }

  async stat(blob: BlobName): Promise<number | null> {
    const file = await this.open(blob);
    if (file === null) return null;
    try {
      return (await this.#calls.run(() => file.stat())).size;
    } finally {
      await this.#calls.run(() => file.close());
    }
  }

  async stream(blob: BlobName, range?: { readonly start: number; readonly end: number }): Promise<Readable | null> {
    const file = await this.open(blob);
    if (file === null) return null;
    const end = range?.end ?? (await this.#calls.run(() => file.stat())).size - 1;
    return new BlobStream(file, this.#calls, range?.start ?? 0, end);
  }

  async read(blob: BlobName): Promise<Buffer | null> {
    const file = await this.open(blob);
    if (file === null) return null;
    try {
      return await this.#calls.run(() => file.readFile());
    } finally {
      await this.#calls.run(() => file.close());
    }
  }

  async digest(blob: BlobName, algorithm: Algorithm): Promise<string | null> {
    const stream = await this.stream(blob);
    if (stream === null) return null;
    const job = this.#threads.begin([algorithm]);
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        const block = new SharedArrayBuffer(chunk.length);
        new Uint8Array(block).set(chunk);
        await job.update(block, chunk.length);
      }
      return (await job.digests())[algorithm];
    } finally {
      job.drop();
    }
  }

  async collectionClaim(): Promise<CollectionClaim | 'unreadable' | null> {
    await this.verify();
    return this.#calls.run(() => readClaim(this.path));
  }

  async claimCollection(claim: CollectionClaim): Promise<void> {
    await this.verify();
    await this.#calls.run(() => writeClaim(this.path, claim), syncLimitMs);
  }

  async remove(sha256: string, generation: string): Promise<boolean> {
    return (await this.removeAll([{ sha256, generation }])).absent === 0;
  }

  async removeAll(blobs: readonly BlobName[], withinMs = Infinity): Promise<Removed> {
    await this.verify();
    const removed = await removeFiles(this.path, this.#calls, blobs, withinMs);
    // a share that went away meanwhile has none of them
    if (removed.absent > 0) await this.verify();
    return removed;
  }

  async putAside(incarnation: string): Promise<boolean> {
    await this.verify();
    const aside = asideFolder(this.path, incarnation, randomBytes(6).toString('hex'));
    try {
      await this.#calls.run(() => rename(stagingFolder(this.path, incarnation), aside));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return false;
      throw error;
    }
    this.#folders.delete(incarnation);
    return true;
  }

  async leftovers(incarnation: string): Promise<Leftover[]> {
    await this.verify();
    const active = this.#active.get(incarnation) ?? new Set<string>();
    const prefix = incarnation.replaceAll('-', '');
    const present = await this.#namesIn(stagingFolder(this.path, incarnation));
    const aside = await Promise.all((await this.#aside(incarnation)).map((folder) => this.#namesIn(folder)));
    // nothing is under way of what was put aside, not even what this process never learned the outcome of
    return [...present.filter((name) => !active.has(parseBlobFileName(name)?.generation ?? `${prefix}-${name}`)), ...aside.flat()]
      .map((name) => ({ name, blob: parseBlobFileName(name) }));
  }

  async dropIncarnation(incarnation: string): Promise<void> {
    await this.verify();
    this.#active.delete(incarnation);
    this.#folders.delete(incarnation);
    for (const folder of await this.#aside(incarnation)) await this.#calls.run(() => rm(folder, { recursive: true, force: true }));
  }

  async incarnations(): Promise<string[]> {
    await this.verify();
    return (await this.#namesIn(stagingRoot(this.path))).filter((name) => !name.includes('.'));
  }

  /** Folders of the incarnation that were put aside: more than one when a sweep was interrupted, or its writer began anew meanwhile. */
  async #aside(incarnation: string): Promise<string[]> {
    const root = stagingRoot(this.path);
    return (await this.#namesIn(root)).filter((name) => isAside(name, incarnation)).map((name) => join(root, name));
  }

  async keepPiece(incarnation: string, uploadId: string, body: Readable): Promise<Piece> {
    this.#watch.assertUsable();
    return this.#pieces.keep(incarnation, uploadId, body);
  }

  async openPiece(file: string): Promise<Readable | null> {
    this.#watch.assertUsable();
    return this.#pieces.open(file);
  }

  async removePiece(file: string): Promise<void> {
    this.#watch.assertUsable();
    await this.#pieces.remove(file);
  }

  async pieces(): Promise<{ file: string; uploadId: string }[]> {
    return this.#pieces.list();
  }

  async close(): Promise<void> {
    this.#watch.close();
    await this.#threads.close();
  }

  async #namesIn(folder: string): Promise<string[]> {
    try {
      return await this.#calls.run(() => readdir(folder));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  async #openIfThere(path: string): Promise<FileHandle | null> {
    try {
      return await this.#calls.run(() => open(path, 'r'));
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return null;
      throw error;
    }
  }

  async #stagingFolder(incarnation: string): Promise<{ folder: string; active: Set<string> }> {
    const folder = stagingFolder(this.path, incarnation);
    const active = this.#active.get(incarnation) ?? new Set();
    this.#active.set(incarnation, active);
    let made = this.#folders.get(incarnation);
    if (made === undefined) {
      made = this.#makeStagingFolder(folder);
      this.#folders.set(incarnation, made);
      made.catch(() => { this.#folders.delete(incarnation); });
    }
    await made;
    return { folder, active };
  }

  async #makeStagingFolder(folder: string): Promise<void> {
    await this.verify();
    await this.#calls.run(async () => {
      // not recursive: the staging root is part of an initialized filestore, and a bare mount point has none
      await mkdir(folder).catch((error: unknown) => {
        if (systemCode(error) !== 'EEXIST') throw error;
      });
      await syncFolder(stagingRoot(this.path));
    });
  }

  /** The staging folder has vanished: says why when the share is the reason, and makes the folder anew otherwise. */
  async #lost(incarnation: string): Promise<void> {
    this.#folders.delete(incarnation);
    await this.verify();
  }
}
