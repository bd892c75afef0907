import { expect, test } from 'vitest';
import type { StoredFile } from '../metadata/artifacts.ts';
import { BlobMemory } from './blob-memory.ts';
import type { Content } from './content.ts';
import { readBlob } from './read-blob.ts';
import type { Repository } from './repository.ts';

const sha256 = 'a'.repeat(64);
const file = { path: 'a', blob: { sha256, generation: 'g', size: 5 } } as unknown as StoredFile;
const repository = { key: 'libs' } as Repository;

test.each(['less', 'longer'])('a small blob file of another length than its row says (%s) is not answered, and not kept', async (bytes) => {
  const memory = new BlobMemory(1000, 100);
  const content = { memory, filestore: { read: () => Promise.resolve(Buffer.from(bytes)) } } as unknown as Content;
  await expect(readBlob(content, repository, file)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  expect(memory.get(sha256)).toBeUndefined();
});
