import { access, mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../../test/harness/temporary-folder.ts';
import { sha256 } from '../../test/harness/node-client.ts';
import { Calls } from './calls.ts';
import { blobFile } from './layout.ts';
import type { BlobName } from './ports.ts';
import { removeFiles } from './remove-files.ts';

async function stored(root: string, count: number): Promise<BlobName[]> {
  const blobs = Array.from({ length: count }, (_, number) => ({ sha256: sha256(`file ${String(number)}`), generation: '0123456789abcdef0123456789abcdef' }));
  for (const blob of blobs) {
    await mkdir(dirname(blobFile(root, blob)), { recursive: true });
    await writeFile(blobFile(root, blob), '');
  }
  return blobs;
}

it('comes forward however long it has waited for a place among the calls', async () => {
  await using folder = await temporaryFolder('remove-files');
  const root = folder.path;
  const blobs = await stored(root, 20);
  const calls = new Calls(1);
  const others = Promise.all(Array.from({ length: 5 }, () => calls.run(() => new Promise((resolve) => { setTimeout(resolve, 20); }))));
  // the time that it has is over long before the others let it in
  const { gone } = await removeFiles(root, calls, blobs, 0);
  await others;
  expect(gone.length).toBeGreaterThan(0);
  const left = await Promise.allSettled(blobs.map((blob) => access(blobFile(root, blob))));
  expect(left.filter(({ status }) => status === 'fulfilled')).toHaveLength(20 - gone.length);
});
