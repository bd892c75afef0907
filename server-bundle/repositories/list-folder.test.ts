import { expect, it } from 'vitest';
import { ada, contentPair, digest } from '../../test/harness/content-pair.ts';
import { makeFolder } from './folder-marker.ts';
import { remove } from './remove.ts';
import { storageInfo, storageList } from './storage-info.ts';

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
    (await storageList(pair.b.content, ada, 'generic-local', 'a', { depth: 1, listFolders: false, mdTimestamps: false, includeRootPath: false, ...options })).files.map((entry) => entry.uri);
  expect(await list({})).toEqual(['/b', '/c.txt', '/c0']);
  expect(await list({ depth: Infinity })).toEqual(['/b', '/c-1/x', '/c.txt', '/c/d', '/c/e', '/c0']);
  expect(await list({ listFolders: true, includeRootPath: true })).toEqual(['/', '/b', '/c', '/c-1', '/c.txt', '/c0', '/empty']);
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
