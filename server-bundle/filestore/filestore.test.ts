import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { initialize, openFilestore, type BlobName, type Filestore } from './index.ts';
import { blobFile, stagingFolder } from './layout.ts';

const clusterId = randomUUID();
const incarnation = randomUUID();
const digest = (algorithm: string, bytes: Buffer): string => createHash(algorithm).update(bytes).digest('hex');
const pieces = (bytes: Buffer, size: number): Readable =>
  Readable.from(Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, (at + 1) * size)));

let root: string;
let filestore: Filestore;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'filestore-'));
  await initialize(root, clusterId);
  filestore = openFilestore({ path: root });
  await filestore.bind(clusterId);
});

afterEach(async () => {
  await filestore.close();
  await rm(root, { recursive: true, force: true });
});

const staged = (): Promise<string[]> => readdir(stagingFolder(root, incarnation));

describe('staging and publishing', () => {
  it.each([0, 1, 256 * 1024, 256 * 1024 + 1, 512 * 1024, 3 * 1024 * 1024 + 17])('keeps %i bytes and their digests', async (size) => {
    const bytes = randomBytes(size);
    const blob = await filestore.stage(incarnation, pieces(bytes, 60_000));
    expect(blob).toMatchObject({ size, sha256: digest('sha256', bytes), sha1: digest('sha1', bytes), md5: digest('md5', bytes) });
    expect(await filestore.open(blob)).toBeNull();
    await blob.publish();
    expect(await staged()).toEqual([`${blob.sha256}.${blob.generation}`]);
    await blob.release();
    expect(await staged()).toEqual([]);
    expect((await filestore.read(blob))?.equals(bytes)).toBe(true);
    expect(await filestore.stat(blob)).toBe(size);
    expect(await filestore.digest(blob, 'sha512')).toBe(digest('sha512', bytes));
  });

  it('gives the same bytes a new name each time, and discarding one leaves the other', async () => {
    const bytes = Buffer.from('same');
    const [first, second] = [await filestore.stage(incarnation, bytes), await filestore.stage(incarnation, bytes)];
    await first.publish();
    await second.publish();
    expect(first.generation).not.toBe(second.generation);
    await first.discard();
    expect(await filestore.read(first)).toBeNull();
    expect(await filestore.read(second)).toEqual(bytes);
  });

  it('touches the folder for a small body when it is published, and not before', async () => {
    const bytes = randomBytes(64 * 1024);
    const [kept, given] = [await filestore.stage(incarnation, bytes), await filestore.stage(incarnation, bytes)];
    expect(await staged()).toEqual([]);
    expect(Buffer.concat(await (await given.open({ start: 10, end: 19 })).toArray() as Buffer[]).equals(bytes.subarray(10, 20))).toBe(true);
    await given.discard();
    await kept.publish();
    await kept.release();
    expect(await staged()).toEqual([]);
    expect((await filestore.read(kept))?.equals(bytes)).toBe(true);
  });

  it('leaves nothing of a body that breaks off', async () => {
    for (const sent of [1000, 2_000_000]) {
      const broken = Readable.from((function* () { yield randomBytes(sent); throw new Error('broken off'); })());
      await expect(filestore.stage(incarnation, broken)).rejects.toThrow('broken off');
      expect(await staged()).toEqual([]);
    }
  });

  it('streams a part of a blob', async () => {
    const bytes = randomBytes(900_000);
    const blob = await filestore.stage(incarnation, bytes);
    await blob.publish();
    const stream = await filestore.stream(blob, { start: 5, end: 700_004 });
    expect(Buffer.concat(await stream!.toArray() as Buffer[]).equals(bytes.subarray(5, 700_005))).toBe(true);
  });
});

describe('the marker', () => {
  it('refuses a folder that is not initialized, and writes nothing into it', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'bare-'));
    const unmounted = openFilestore({ path: bare });
    await expect(unmounted.bind(clusterId)).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    await expect(unmounted.stage(incarnation, Buffer.from('x'))).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    expect(unmounted.state().state).toBe('unavailable');
    expect(await readdir(bare)).toEqual([]);
    await unmounted.close();
    await rm(bare, { recursive: true });
  });

  it('refuses the filestore of another cluster', async () => {
    await expect(initialize(root, randomUUID())).rejects.toMatchObject({ code: 'FILESTORE_FOREIGN' });
    const other = openFilestore({ path: root });
    await expect(other.bind(randomUUID())).rejects.toMatchObject({ code: 'FILESTORE_FOREIGN' });
    expect(other.state().state).toBe('foreign');
    await other.close();
  });

  it('does not publish onto a share that went away meanwhile, and works again when it is back', async () => {
    const blob = await filestore.stage(incarnation, Buffer.from('late'));
    await rename(join(root, 'cluster.json'), join(root, 'away'));
    await expect(blob.publish()).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    await rename(join(root, 'away'), join(root, 'cluster.json'));
    await filestore.verify();
    await blob.publish();
    await blob.release();
    expect(filestore.state()).toMatchObject({ state: 'ok', reason: null });
    expect(filestore.state().freeBytes).toBeGreaterThan(0);
  });

  it('makes and syncs all shards at initialization, and repeats without a change', async () => {
    expect(await readdir(join(root, 'blobs'))).toHaveLength(256);
    const before = (await stat(join(root, 'cluster.json'))).ino;
    await initialize(root, clusterId);
    expect((await stat(join(root, 'cluster.json'))).ino).toBe(before);
  });
});

describe('removing many', () => {
  const stored = async (count: number): Promise<BlobName[]> => Promise.all(Array.from({ length: count }, async (_, number) => {
    const blob = await filestore.stage(incarnation, Buffer.from(`one of many: ${String(number)}`));
    await blob.publish();
    await blob.release();
    return blob;
  }));
  const left = async (blobs: readonly BlobName[]): Promise<number> => (await Promise.all(blobs.map((blob) => filestore.stat(blob)))).filter((size) => size !== null).length;

  it('says which are gone and how many of them were so before, and the rest stays', async () => {
    const blobs = await stored(40);
    expect(new Set((await filestore.removeAll(blobs.slice(0, 30))).gone)).toEqual(new Set(blobs.slice(0, 30)));
    expect(await left(blobs)).toBe(10);
    const again = await filestore.removeAll(blobs.slice(20));
    expect([again.gone.length, again.absent]).toEqual([20, 10]);
    expect(await filestore.removeAll([])).toEqual({ gone: [], absent: 0 });
  });

  it('begins no further one when its time is over', async () => {
    const blobs = await stored(20);
    const { gone } = await filestore.removeAll(blobs, -1);
    // one for each place among the calls
    expect([gone.length > 0, gone.length <= 8, await left(blobs)]).toEqual([true, true, 20 - gone.length]);
  });

  it('begins no further one after a failure', async () => {
    const blobs = await stored(60);
    await rm(blobFile(root, blobs[0]!));
    await mkdir(blobFile(root, blobs[0]!));
    await expect(filestore.removeAll(blobs)).rejects.toThrow();
    expect(await left(blobs.slice(1))).toBeGreaterThan(40);
  });

  it('takes nothing for gone when the share goes away in the middle of it', async () => {
    const [blob] = await stored(1) as [BlobName];
    const away = `${root}-away`;
    const leaving: BlobName = {
      get sha256() {
        // after the check of the marker, before the file is asked for
        if (!existsSync(away)) {
          renameSync(root, away);
          mkdirSync(root);
        }
        return blob.sha256;
      },
      generation: blob.generation,
    };
    await expect(filestore.removeAll([leaving])).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
    await rm(root, { recursive: true });
    await rename(away, root);
    await filestore.verify();
    expect(await left([blob])).toBe(1);
  });
});

describe('leftovers', () => {
  it('are what is in the staging folder, without what is under way here', async () => {
    const published = await filestore.stage(incarnation, Buffer.from('published'));
    await published.publish();
    await filestore.stage(incarnation, randomBytes(100_000));
    expect(await filestore.leftovers(incarnation)).toEqual([]);

    const sweeper = openFilestore({ path: root });
    await sweeper.bind(clusterId);
    const found = await sweeper.leftovers(incarnation);
    expect(found).toHaveLength(2);
    expect(found).toContainEqual({
      name: `${published.sha256}.${published.generation}`, blob: { sha256: published.sha256, generation: published.generation },
    });
    expect(found).toContainEqual({ name: '2', blob: null });
    expect(await sweeper.incarnations()).toEqual([incarnation]);
    expect(await sweeper.remove(published.sha256, published.generation)).toBe(true);
    expect(await sweeper.remove(published.sha256, published.generation)).toBe(false);
    expect(await sweeper.putAside(incarnation)).toBe(true);
    expect(await sweeper.putAside(incarnation)).toBe(false);
    expect(await sweeper.leftovers(incarnation)).toHaveLength(2);
    await sweeper.dropIncarnation(incarnation);
    expect(await readdir(join(root, 'staging'))).toEqual([]);
    expect(await sweeper.incarnations()).toEqual([]);
    await sweeper.close();
  });

  it('cannot be published any more once they were put aside', async () => {
    const [large, small] = [await filestore.stage(incarnation, randomBytes(100_000)), await filestore.stage(incarnation, Buffer.from('small'))];
    const sweeper = openFilestore({ path: root });
    await sweeper.bind(clusterId);
    await sweeper.putAside(incarnation);
    for (const late of [large, small]) {
      await expect(late.publish()).rejects.toMatchObject({ code: 'NOT_SERVING' });
      expect(await sweeper.stat(late)).toBeNull();
      await late.discard();
    }
    await sweeper.close();
  });

  it('ignores names that it did not make', async () => {
    await filestore.stage(incarnation, Buffer.from('x'));
    await writeFile(join(stagingFolder(root, incarnation), 'notes.txt'), '');
    expect(await filestore.leftovers(incarnation)).toEqual([{ name: 'notes.txt', blob: null }]);
  });
});
