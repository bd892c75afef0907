import { expect, it } from 'vitest';
import { ada, contentPair } from '../../../test/harness/content-pair.ts';
import type { StoredFile } from '../../metadata/artifacts.ts';
import type { Principal } from '../../security/principal.ts';
import { remove } from '../remove.ts';
import { resolve } from '../resolve.ts';
import { transfer } from '../transfer.ts';
import { itemStats } from './item-stats.ts';

const pair = contentPair();
const { put, query } = pair;

async function fileAt(node: typeof pair.a, path: string): Promise<StoredFile> {
  const found = await resolve(node.content, ada, 'generic-local', path);
  if (found.kind !== 'file') throw new Error(`${path} is ${found.kind}`);
  return found.file;
}

const stats = async (path: string): Promise<object> => itemStats(pair.a.content, ada, 'generic-local', path);

it('downloads are added up over nodes, and whoever was last is named', async () => {
  await put(pair.a, 'generic-local', 'a/file', 'x');
  expect(await stats('a/file')).toEqual({ uri: 'http://repo.example.org/artifactory/generic-local/a/file', downloadCount: 0, lastDownloaded: 0, remoteDownloadCount: 0, remoteLastDownloaded: 0 });
  const began = Date.now();
  for (let n = 0; n < 3; n += 1) pair.a.content.downloads.add(await fileAt(pair.a, 'a/file'), 'ada');
  // the same path, cached anew: two entries that wait, one row
  pair.a.content.downloads.add({ ...await fileAt(pair.a, 'a/file') }, 'ada');
  pair.b.content.downloads.add(await fileAt(pair.b, 'a/file'), 'bob');
  await pair.b.content.downloads.flush();
  const told = await itemStats(pair.a.content, ada, 'generic-local', 'a/file');
  expect(told).toMatchObject({ downloadCount: 5, lastDownloadedBy: 'bob' });
  expect(told.lastDownloaded).toBeGreaterThanOrEqual(began);
  await expect(stats('a')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  const stranger: Principal = { name: 'eve', role: 'user', via: 'password' };
  await expect(itemStats(pair.a.content, stranger, 'generic-local', 'a/file')).rejects.toMatchObject({ code: 'FORBIDDEN' });
});

it('counts go along with a move, stay at an overwrite, and are gone with the file', async () => {
  await put(pair.a, 'generic-local', 'from', '1');
  pair.a.content.downloads.add(await fileAt(pair.a, 'from'), 'ada');
  await pair.a.content.downloads.flush();
  await transfer(pair.a.content, { principal: ada, operation: 'move', from: { repositoryKey: 'generic-local', path: 'from' }, to: { repositoryKey: 'generic-local', path: 'to' }, dryRun: false, replayKey: null });
  await put(pair.a, 'generic-local', 'to', '2');
  expect(await stats('to')).toMatchObject({ downloadCount: 1, lastDownloadedBy: 'ada' });
  // one that was read before the file went is not counted, and harms nobody
  pair.a.content.downloads.add(await fileAt(pair.a, 'to'), 'ada');
  await remove(pair.a.content, { principal: ada, repositoryKey: 'generic-local', path: 'to', replayKey: null, permanent: true });
  await pair.a.content.downloads.flush();
  expect(await query('select path from artifact_download')).toEqual([]);
});

it('counting does not wait for whoever is just deleting', async () => {
  for (const path of ['stays', 'goes']) await put(pair.a, 'generic-local', path, path);
  const files = [await fileAt(pair.a, 'stays'), await fileAt(pair.a, 'goes')];
  await pair.b.content.session.db.transaction().execute(async (trx) => {
    await trx.deleteFrom('artifact').where('path', '=', 'goes').execute();
    for (const file of files) pair.a.content.downloads.add(file, 'ada');
    await pair.a.content.downloads.flush();
    expect(await query('select path from artifact_download')).toEqual([{ path: 'stays' }]);
  });
});
