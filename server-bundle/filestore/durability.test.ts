import { randomUUID } from 'node:crypto';
import fs, { existsSync, mkdtempSync, readdirSync, readlinkSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { initialize, openFilestore, type Filestore } from './index.ts';
import { blobFile } from './layout.ts';

/** What a power loss may take is decided by the order of calls: each sync is seen here with what was there when it was made. */
const clusterId = randomUUID();
const incarnation = randomUUID();
let root: string;
let filestore: Filestore;
let synced: string[];
/** runs at each sync, with the path below the root that is being synced */
let look: (path: string) => void;

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'durability-'));
  synced = [];
  look = () => undefined;
  const probe = await open(root, 'r');
  const handles = Object.getPrototypeOf(probe) as FileHandle;
  await probe.close();
  const { sync } = handles;
  const { fsync } = fs;
  const see = (file: number): void => {
    const path = relative(root, readlinkSync(`/proc/self/fd/${String(file)}`));
    synced.push(path);
    look(path);
  };
  vi.spyOn(handles, 'sync').mockImplementation(function syncSeen(this: FileHandle) {
    see(this.fd);
    return sync.call(this);
  });
  vi.spyOn(fs, 'fsync').mockImplementation((file, done) => {
    try {
      see(file);
    } catch (error) {
      done(error as NodeJS.ErrnoException);
      return;
    }
    fsync(file, done);
  });
  syncBuiltinESMExports();
  filestore = openFilestore({ path: root });
});
afterEach(async () => {
  vi.restoreAllMocks();
  syncBuiltinESMExports();
  await filestore.close();
  await rm(root, { recursive: true, force: true });
});

it.skipIf(process.platform !== 'linux')('a new filestore: the folders are synced in their parents when all of them are there, the marker last', async () => {
  const shardsAt: Record<string, number> = {};
  look = (path) => { shardsAt[path] = existsSync(join(root, 'blobs')) ? readdirSync(join(root, 'blobs')).length : 0; };
  await initialize(root, clusterId);
  expect(shardsAt['blobs']).toBe(256);
  expect(synced.slice(0, 2)).toEqual(['blobs', '']);
  expect(synced.slice(2)).toEqual([expect.stringMatching(/^cluster\.json\./), '']);
});

it.skipIf(process.platform !== 'linux').each([['small', 7], ['large', 200_000]])('a %s blob: its bytes before it has its name, its name before it is told of, and no file whose folder is not synced', async (_size, bytes) => {
  await initialize(root, clusterId);
  await filestore.bind(clusterId);
  synced = [];
  const staged = await filestore.stage(incarnation, Buffer.alloc(bytes, 'durable'));
  const target = blobFile(root, staged);
  const there: boolean[] = [];
  look = () => { there.push(existsSync(target)); };
  await staged.publish();
  const shard = join('blobs', staged.sha256.slice(0, 2));
  // the staging folder of this incarnation is new; then the bytes, then the name
  const name = bytes < 1000 ? basename(target) : '1';
  expect(synced).toEqual(['staging', join('staging', incarnation, name), shard]);
  expect(there).toEqual([false, true]);
});

it.skipIf(process.platform !== 'linux')('a piece of an upload: its bytes, then its name', async () => {
  await initialize(root, clusterId);
  await filestore.bind(clusterId);
  await filestore.keepPiece(incarnation, randomUUID(), Readable.from([Buffer.from('first')]));
  synced = [];
  const { file } = await filestore.keepPiece(incarnation, randomUUID(), Readable.from([Buffer.from('piece')]));
  expect(synced).toEqual([join('uploads', file), 'uploads']);
});

it.skipIf(process.platform !== 'linux')('bytes that the disk has lost are not stored by a second attempt, whose sync would succeed', async () => {
  await initialize(root, clusterId);
  await filestore.bind(clusterId);
  const staged = await filestore.stage(incarnation, Buffer.alloc(200_000, 'lost'));
  let broken = true;
  look = () => {
    if (broken) throw Object.assign(new Error('EIO: i/o error, fsync'), { code: 'EIO' });
  };
  await expect(staged.publish()).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
  broken = false;
  await expect(staged.publish()).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
  expect(existsSync(blobFile(root, staged))).toBe(false);
  await staged.discard();
  expect(await filestore.leftovers(incarnation)).toEqual([]);
});

it.skipIf(process.platform !== 'linux')('an attempt that ended after its caller was told otherwise is taken up by the next one', async () => {
  await initialize(root, clusterId);
  await filestore.bind(clusterId);
  const staged = await filestore.stage(incarnation, Buffer.from('late'));
  const shard = join('blobs', staged.sha256.slice(0, 2));
  let broken = true;
  look = (path) => {
    if (broken && path === shard) throw Object.assign(new Error('ETIMEDOUT'), { code: 'ETIMEDOUT' });
  };
  await expect(staged.publish()).rejects.toThrow();
  expect(existsSync(blobFile(root, staged))).toBe(true);
  broken = false;
  await staged.publish();
  await staged.discard();
  expect(existsSync(blobFile(root, staged))).toBe(false);
  expect(await filestore.leftovers(incarnation)).toEqual([]);
});
