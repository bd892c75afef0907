import { expect, it } from 'vitest';
import { ada, contentPair, digest } from '../../test/harness/content-pair.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { createRepository } from './administration.ts';
import { makeFolder } from './folder-marker.ts';
import { transfer } from './transfer.ts';

const pair = contentPair();
const { put, get, text, blobFiles, candidates } = pair;

const change = (operation: 'copy' | 'move', from: string, to: string, dryRun = false): Promise<RecordedAnswer> => {
  const location = (name: string): { repositoryKey: string; path: string } => ({ repositoryKey: name.split('/')[0]!, path: name.slice(name.indexOf('/') + 1) });
  return transfer(pair.a.content, { principal: ada, operation, from: location(from), to: location(to), dryRun, replayKey: null });
};

it('copies and moves files and folders without touching bytes', async () => {
  await put(pair.a, 'generic-local', 'src/one', '1');
  await put(pair.a, 'generic-local', 'src/sub/two', '2');
  expect(JSON.parse((await change('copy', 'generic-local/src', 'generic-local/dst', true)).body!)).toEqual({
    messages: [{ level: 'INFO', message: 'Dry run for copying generic-local:src to generic-local:dst completed successfully, 2 artifacts and 2 folders were copied' }],
  });
  expect(await get(pair.b, 'generic-local', 'dst/one')).toBeNull();
  expect((await change('copy', 'generic-local/src', 'generic-local/dst')).body).toContain('"copying generic-local:src to generic-local:dst completed successfully, 2 artifacts and 2 folders were copied"');
  expect(await text(pair.b, 'generic-local', 'dst/sub/two')).toBe('2');
  await change('move', 'generic-local/dst/one', 'generic-local/moved');
  expect([await text(pair.b, 'generic-local', 'moved'), await text(pair.b, 'generic-local', 'dst/one')]).toEqual(['1', null]);
  await change('move', 'generic-local/dst', 'generic-local/src');
  expect(await text(pair.b, 'generic-local', 'src/dst/sub/two')).toBe('2');
  expect(await text(pair.b, 'generic-local', 'dst/sub/two')).toBeNull();
  expect(await blobFiles()).toHaveLength(2);
});

it('refuses a folder above itself of which a part would come back into it, and loses nothing', async () => {
  await put(pair.a, 'generic-local', 'a/b/b/b/f', 'x');
  await put(pair.a, 'generic-local', 'a/b/b/g', 'y');
  for (const operation of ['copy', 'move'] as const) {
    for (const dryRun of [true, false]) await expect(change(operation, 'generic-local/a/b/b', 'generic-local/a', dryRun)).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
  }
  expect([await text(pair.b, 'generic-local', 'a/b/b/b/f'), await text(pair.b, 'generic-local', 'a/b/b/g')]).toEqual(['x', 'y']);
  // nothing of this one comes back
  await change('move', 'generic-local/a/b/b/b', 'generic-local/a');
  expect([await text(pair.b, 'generic-local', 'a/b/f'), await text(pair.b, 'generic-local', 'a/b/b/b/f'), await text(pair.b, 'generic-local', 'a/b/b/g')]).toEqual(['x', null, 'y']);
});

it('replaces what is there, and gives its blob to the collector', async () => {
  await put(pair.a, 'generic-local', 'from', 'new');
  await put(pair.a, 'generic-local', 'to', 'old');
  expect(await text(pair.b, 'generic-local', 'to')).toBe('old');
  await change('move', 'generic-local/from', 'generic-local/to');
  expect([await text(pair.b, 'generic-local', 'to'), await text(pair.b, 'generic-local', 'from')]).toEqual(['new', null]);
  expect(await candidates()).toEqual([digest('old')]);
});

it('holds targets to the same rules as deploys', async () => {
  await put(pair.a, 'generic-local', 'g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', 'x');
  await expect(change('copy', 'generic-local/g', 'maven-releases/g')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
  await expect(change('move', 'generic-local/g', 'generic-local/g/a')).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
  await expect(change('move', 'generic-local/none', 'generic-local/x')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  await createRepository(pair.a.content, ada, 'narrow', { excludesPattern: '**/secret/**' });
  await makeFolder(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'h/secret/', replayKey: null });
  await expect(change('copy', 'generic-local/h', 'narrow/h')).rejects.toMatchObject({ code: 'PATH_EXCLUDED' });
  await expect(change('copy', 'generic-local/g', 'none/x')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
});
