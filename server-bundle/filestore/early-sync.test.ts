import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, it, vi, type MockInstance } from 'vitest';
import { initialize, openFilestore, type Filestore } from './index.ts';

const clusterId = randomUUID();
const incarnation = randomUUID();
const block = Buffer.alloc(1024 * 1024, 'b');
let root: string;
let filestore: Filestore;
let datasync: MockInstance<FileHandle['datasync']>;

function* blocks(count: number): Generator<Buffer> {
  for (let at = 0; at < count; at += 1) yield block;
}

beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'early-sync-'));
  const probe = await open(root, 'r');
  datasync = vi.spyOn(Object.getPrototypeOf(probe) as FileHandle, 'datasync');
  await probe.close();
  await initialize(root, clusterId);
  filestore = openFilestore({ path: root });
  await filestore.bind(clusterId);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await filestore.close();
  await rm(root, { recursive: true, force: true });
});

it('a large body is on its way to the disk before it has ended, a small one is not', async () => {
  const staged = await filestore.stage(incarnation, Readable.from(blocks(70)));
  expect(datasync).toHaveBeenCalledTimes(2);
  await staged.discard();
  await (await filestore.stage(incarnation, Readable.from(blocks(20)))).discard();
  expect(datasync).toHaveBeenCalledTimes(2);
});

it.each([['in the middle', 70], ['at the end', 33]])('bytes that the disk has lost %s are told of once: nothing is kept of that body, whatever a later sync says', async (_when, count) => {
  datasync.mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
  await expect(filestore.stage(incarnation, Readable.from(blocks(count)))).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
  expect(await filestore.leftovers(incarnation)).toEqual([]);
});

it('a piece of an upload goes the same way', async () => {
  datasync.mockRejectedValueOnce(Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
  await expect(filestore.keepPiece(incarnation, randomUUID(), Readable.from(blocks(40)))).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
  expect(await filestore.pieces()).toEqual([]);
});
