import { rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { contentPair } from '../../test/harness/content-pair.ts';

const pair = contentPair();
const { put, get, text, blobFiles, stagingFiles, query } = pair;

it('gives content whose blob has a tombstone a new name', async () => {
  await put(pair.a, 'generic-local', 'old', 'content');
  const [before] = await blobFiles();
  await query('update blob set tombstoned_at = now()');
  await put(pair.a, 'generic-local', 'new', 'content');
  const after = await blobFiles();
  expect(after).toHaveLength(2);
  await unlink(join(pair.cluster.path, 'blobs', before!));
  const fresh = await pair.cluster.addNode();
  expect(await text(fresh, 'generic-local', 'new')).toBe('content');
});

it('heals a row whose file is gone with the next deploy of the same bytes', async () => {
  await put(pair.a, 'generic-local', 'one', 'content');
  expect(await text(pair.b, 'generic-local', 'one')).toBe('content');
  await rm(join(pair.cluster.path, 'blobs', (await blobFiles())[0]!));
  const fresh = await pair.cluster.addNode();
  await expect(get(fresh, 'generic-local', 'one')).rejects.toMatchObject({ code: 'BLOB_MISSING' });
  await put(pair.a, 'generic-local', 'two', 'content');
  expect(await text(fresh, 'generic-local', 'one')).toBe('content');
  expect(await text(fresh, 'generic-local', 'two')).toBe('content');
  expect(await stagingFiles()).toEqual([]);
});

it('answers hot paths without a statement', async () => {
  await put(pair.a, 'generic-local', 'hot', 'content');
  await put(pair.a, 'maven-releases', 'g/a/1/a-1.pom', '<project/>');
  const paths = [['generic-local', 'hot'], ['generic-local', 'hot.sha1'], ['maven-releases', 'g/a/maven-metadata.xml']] as const;
  for (const [key, path] of paths) await get(pair.b, key, path);
  const before = pair.b.statements();
  for (const [key, path] of paths) expect(await get(pair.b, key, path)).not.toBeNull();
  expect(pair.b.statements()).toBe(before);
});
