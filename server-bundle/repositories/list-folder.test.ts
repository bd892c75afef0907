import { expect, it } from 'vitest';
import { listed } from '../../test/harness/listed.ts';
import { ada, contentPair, digest } from '../../test/harness/content-pair.ts';
import { changeRepository } from './administration.ts';
import { makeFolder } from './folder-marker.ts';
import { remove } from './remove.ts';
import { storageInfo } from './storage-info.ts';
import { storageList, type FileList } from './storage-list.ts';

const pair = contentPair();
const { put, get, text, candidates, artifactCount, deployUnderWay, untilSomebodyWaits } = pair;

it('folders are listed by what is in them', async () => {
  for (const path of ['a/b', 'a/c/d', 'a/c/e', 'a/c.txt', 'a/c-1/x', 'a/c0', 'a-b', 'ä/ö', 'z']) await put(pair.a, 'generic-local', path, path);
  await makeFolder(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'a/empty/', replayKey: null });
  const children = async (path: string): Promise<unknown> => (await storageInfo(pair.b.content, ada, 'generic-local', path) as { children: unknown }).children;
  const file = (uri: string): object => ({ uri, folder: false });
  const folder = (uri: string): object => ({ uri, folder: true });
  expect(await children('')).toEqual([file('/a-b'), folder('/a'), file('/z'), folder('/ä')]);
  expect(await children('a')).toEqual([file('/b'), folder('/c-1'), file('/c.txt'), folder('/c'), file('/c0'), folder('/empty')]);
  expect(await children('a/empty')).toEqual([]);
  expect(await children('ä')).toEqual([file('/ö')]);
  await expect(children('none')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  const list = async (options: object): Promise<string[]> =>
    (await listed((await storageList(pair.b.content, ada, 'generic-local', 'a', { depth: 1, listFolders: false, mdTimestamps: false, includeRootPath: false, ...options })).files)).map((entry) => entry.uri);
  expect(await list({})).toEqual(['/b', '/c.txt', '/c0']);
  expect(await list({ depth: Infinity })).toEqual(['/b', '/c-1/x', '/c.txt', '/c/d', '/c/e', '/c0']);
  expect(await list({ listFolders: true, includeRootPath: true })).toEqual(['/', '/b', '/c-1', '/c.txt', '/c', '/c0', '/empty']);
  expect(await list({ listFolders: true, depth: Infinity })).toEqual(['/b', '/c-1', '/c-1/x', '/c.txt', '/c', '/c/d', '/c/e', '/c0', '/empty']);
  expect(await list({ listFolders: true, depth: 2, includeRootPath: true })).toEqual(['/', '/b', '/c-1', '/c-1/x', '/c.txt', '/c', '/c/d', '/c/e', '/c0', '/empty']);
  await expect(storageList(pair.b.content, ada, 'generic-local', 'none', { depth: 1, listFolders: false, mdTimestamps: false, includeRootPath: false })).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
});

it('folders are deleted with everything below, on every node', async () => {
  for (const path of ['d/one', 'd/e/two', 'd0', 'd-1']) await put(pair.a, 'generic-local', path, path);
  for (const path of ['d/one', 'd/e/two']) expect(await text(pair.b, 'generic-local', path)).toBe(path);
  await remove(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'd', replayKey: null, permanent: true });
  for (const path of ['d/one', 'd/e/two']) expect(await get(pair.b, 'generic-local', path)).toBeNull();
  expect(await text(pair.b, 'generic-local', 'd0')).toBe('d0');
  expect(await candidates()).toEqual([digest('d/one'), digest('d/e/two')].sort());
  await expect(remove(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'd', replayKey: null })).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
});

it('folders are deleted together with what was being deployed into them', async () => {
  await put(pair.a, 'generic-local', 'race/first', 'x');
  const held = await deployUnderWay('generic-local', 'race/late');
  const removed = remove(pair.b.content, { principal: ada, repositoryKey: 'generic-local', path: 'race', replayKey: null });
  await untilSomebodyWaits();
  await held.commit();
  expect(await removed).toMatchObject({ status: 204 });
  expect(await artifactCount()).toBe(0);
});

it('a long list is read in pages: nothing left out, nothing twice, each folder once', async () => {
  await put(pair.a, 'generic-local', 'first', 'x');
  const numbers = Array.from({ length: 1200 }, (_, number) => String(number));
  await pair.query(`
    insert into artifact (repository_id, path, blob_id, mime_type, created_by, modified_by)
    select repository_id, path, blob_id, mime_type, created_by, modified_by from (
      select repository_id, blob_id, mime_type, created_by, modified_by, unnest(array['many/f' || n, 'many/d' || n || '/one', 'many/d' || n || '/two', 'many/d' || n || '/e/three']) as path
      from artifact, generate_series(0, 1199) as n where artifact.path = 'first') as added`);
  const list = async (depth: number, listFolders: boolean): Promise<string[]> =>
    (await listed((await storageList(pair.b.content, ada, 'generic-local', 'many', { depth, listFolders, mdTimestamps: false, includeRootPath: false })).files)).map(({ uri }) => uri);
  const files = numbers.map((number) => `/f${number}`);
  const folders = numbers.map((number) => `/d${number}`);
  expect((await list(1, false)).sort()).toEqual([...files].sort());
  expect((await list(1, true)).sort()).toEqual([...files, ...folders].sort());
  const all = await list(Infinity, true);
  expect([...all].sort()).toEqual([...files, ...folders, ...folders.flatMap((folder) => [`${folder}/one`, `${folder}/two`, `${folder}/e`, `${folder}/e/three`])].sort());
  for (const folder of folders) expect(all.indexOf(folder)).toBeLessThan(all.indexOf(`${folder}/e`));
});

it('a list that nobody waits for any more is not read on, though its reader may see nothing of what is read', async () => {
  await put(pair.a, 'generic-local', 'first', 'x');
  await put(pair.a, 'generic-local', 'scanned/z', 'x');
  await pair.query(`insert into artifact (repository_id, path, blob_id, mime_type, created_by, modified_by)
    select repository_id, 'scanned/hidden/' || n, blob_id, mime_type, created_by, modified_by from artifact, generate_series(1, 5000) as n where path = 'first'`);
  await changeRepository(pair.a.content, ada, 'generic-local', { excludesPattern: 'scanned/hidden/**' });
  const list = (wanted?: AbortSignal): Promise<FileList> =>
    storageList(pair.b.content, ada, 'generic-local', 'scanned', { depth: Infinity, listFolders: false, mdTimestamps: false, includeRootPath: false }, wanted);
  expect((await listed((await list()).files)).map(({ uri }) => uri)).toEqual(['/z']);
  const hungUp = new AbortController();
  const next = (await list(hungUp.signal)).files[Symbol.asyncIterator]().next();
  hungUp.abort();
  await expect(next).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }));
});
