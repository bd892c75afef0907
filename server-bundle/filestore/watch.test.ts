import { randomUUID } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { initialize } from './marker.ts';
import { Watch } from './watch.ts';

const clusterId = randomUUID();
let folder: string;
let root: string;
let watch: Watch;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'watch-'));
  root = join(folder, 'share');
  await initialize(root, clusterId);
  watch = new Watch(root);
  await watch.bind(clusterId);
});
afterEach(async () => {
  watch.close();
  await rm(folder, { recursive: true, force: true });
});

it('a share that goes and comes is noticed by the next check, however soon that is', async () => {
  await watch.verify();
  await rename(root, `${root}.away`);
  await mkdir(root);
  await expect(watch.verify()).rejects.toMatchObject({ code: 'FILESTORE_UNAVAILABLE' });
  await rm(root, { recursive: true });
  await rename(`${root}.away`, root);
  await watch.verify();
  expect(watch.report()).toMatchObject({ state: 'ok', freeBytes: expect.any(Number) as number });
});

it('another cluster\'s share in its place is noticed as well', async () => {
  await rename(root, `${root}.away`);
  await initialize(root, randomUUID());
  await expect(watch.verify()).rejects.toMatchObject({ code: 'FILESTORE_FOREIGN' });
});

it('a marker that was written anew is read anew', async () => {
  await writeFile(join(root, 'cluster.json'), JSON.stringify({ clusterId: randomUUID() }));
  await expect(watch.verify()).rejects.toMatchObject({ code: 'FILESTORE_FOREIGN' });
});
