import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { contentCluster, type ContentCluster, type TestNode } from '../../../test/harness/content-session.ts';
import { startPostgres, type TestPostgres } from '../../../test/harness/postgres.ts';
import { deleteExpired } from '../../metadata/trash-can.ts';
import { expireTrash } from '../../tasks/expire-trash.ts';
import type { Principal } from '../../security/principal.ts';
import { trashRepositoryKey } from '../../security/trash-access.ts';
import { changeRepository, removeRepository } from '../administration.ts';
import { deploy } from '../deploy.ts';
import { makeFolder } from '../folder-marker.ts';
import { readProperties } from '../properties/read-properties.ts';
import { remove } from '../remove.ts';
import { resolve } from '../resolve.ts';
import { transfer } from '../transfer.ts';
import { cleanTrash, emptyTrash } from './clean.ts';
import { restore } from './restore.ts';
import { changeTrashSettings, trashCan } from './trash-can.ts';

const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
const deployer: Principal = { name: 'dan', role: 'deployer', via: 'password' };
const repositoryKey = 'generic-local';
const replayKey = null;
let postgres: TestPostgres;
let cluster: ContentCluster;
let a: TestNode;
let b: TestNode;

beforeAll(async () => { postgres = await startPostgres(); });
afterAll(async () => { await postgres.stop(); });
beforeEach(async () => {
  cluster = await contentCluster(postgres);
  a = await cluster.addNode();
  b = await cluster.addNode();
  return async () => { await cluster[Symbol.asyncDispose](); };
});

const put = (path: string, bytes: string, key = repositoryKey): Promise<unknown> => deploy(a.content, {
  principal, repositoryKey: key, path, declared: { md5: null, sha1: null, sha256: null }, replayKey, properties: new Map([['os', ['linux']]]),
}, Readable.from([Buffer.from(bytes)]));
const drop = (path: string, as = deployer, permanent = false, key = repositoryKey): Promise<unknown> => remove(a.content, { principal: as, repositoryKey: key, path, replayKey, permanent });
const back = (path: string, to = path, toRepository = repositoryKey): Promise<unknown> => restore(a.content, {
  principal, from: { repositoryKey, path }, to: { repositoryKey: toRepository, path: to }, replayKey,
});
const kind = async (path: string, key = repositoryKey, node = b): Promise<string> => (await resolve(node.content, principal, key, path)).kind;
const candidates = async (): Promise<unknown> => (await postgres.query('select count(*)::int as count from collection_candidate', cluster.database))[0]?.['count'];
const trashed = async (): Promise<unknown[]> => (await postgres.query(`
  select path from artifact join repository on id = repository_id where key = '${trashRepositoryKey}' order by path`, cluster.database)).map((row) => row['path']);

it('keeps what was deleted, with who, when and where from, and gives it back as it was', async () => {
  await put('lib/a.txt', 'one');
  expect(await kind('lib/a.txt')).toBe('file');
  await drop('lib/a.txt');
  expect(await kind('lib/a.txt')).toBe('nothing');
  expect(await candidates()).toBe(0);
  const { properties } = await readProperties(a.content, principal, trashRepositoryKey, `${repositoryKey}/lib/a.txt`, []);
  expect(properties).toMatchObject({ os: ['linux'], 'trash.deletedBy': ['dan'], 'trash.originalRepository': [repositoryKey], 'trash.originalPath': ['lib/a.txt'] });
  expect(properties['trash.time']?.[0]).toMatch(/^\d{13}$/);
  expect(await kind(`${repositoryKey}/lib/a.txt`, trashRepositoryKey)).toBe('file');
  await back('lib/a.txt');
  expect(await kind('lib/a.txt')).toBe('file');
  expect(await kind(`${repositoryKey}/lib/a.txt`, trashRepositoryKey)).toBe('nothing');
  expect((await readProperties(a.content, principal, repositoryKey, 'lib/a.txt', [])).properties).toEqual({ os: ['linux'] });
  await expect(back('lib/a.txt')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
});

it('keeps folders whole, the latest of what was deleted twice, and restores beside what is there', async () => {
  for (const path of ['d/\u{1F600}/b.txt', 'd/a.txt', 'da.txt']) await put(path, path);
  await makeFolder(a.content, { principal, repositoryKey, path: 'd/empty/', replayKey });
  await drop('d');
  expect(await trashed()).toEqual(['generic-local/d/a.txt', 'generic-local/d/empty/', 'generic-local/d/\u{1F600}/b.txt']);
  await put('d/a.txt', 'newer');
  await drop('d/a.txt');
  expect(await candidates()).toBe(1);
  await put('d/a.txt', 'newest');
  await expect(back('d')).rejects.toMatchObject({ code: 'ARTIFACT_EXISTS' });
  expect(await trashed()).toHaveLength(3);
  await makeFolder(a.content, { principal, repositoryKey, path: 'other/empty/', replayKey });
  await back('d', 'other');
  for (const path of ['other/a.txt', 'other/\u{1F600}/b.txt', 'd/a.txt', 'da.txt']) expect(await kind(path), path).toBe('file');
  expect(await trashed()).toEqual([]);
  await put('gone/x', 'x');
  await drop('gone');
  await expect(back('gone/x', 'd/a.txt/x')).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
  await expect(back('gone/x', 'org/acme/lib/1.0/lib-1.0.jar', 'maven-snapshots')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
  expect(await trashed()).toEqual(['generic-local/gone/x']);
});

it('brings computed documents back with what they are made of', async () => {
  for (const version of ['1.0', '2.0']) await put(`org/acme/lib/${version}/lib-${version}.jar`, version, 'maven-releases');
  const metadata = async (): Promise<string> => {
    const found = await resolve(b.content, principal, 'maven-releases', 'org/acme/lib/maven-metadata.xml');
    return found.kind === 'text' ? found.content.bytes.toString() : found.kind;
  };
  expect(await metadata()).toContain('<version>2.0</version>');
  await drop('org/acme/lib/2.0', principal, false, 'maven-releases');
  expect(await metadata()).not.toContain('<version>2.0</version>');
  await restore(a.content, { principal, from: { repositoryKey: 'maven-releases', path: 'org/acme/lib/2.0' }, to: { repositoryKey: 'maven-releases', path: 'org/acme/lib/2.0' }, replayKey });
  expect(await metadata()).toContain('<version>2.0</version>');
});

it('is emptied, cleaned and expires; only then the collector may have the bytes', async () => {
  for (const path of ['a/1', 'a/2', 'b', 'c']) await put(path, path);
  for (const path of ['a', 'b', 'c']) await drop(path);
  await cleanTrash(a.content.session, principal, `${repositoryKey}/a`);
  expect(await candidates()).toBe(2);
  await expect(cleanTrash(a.content.session, principal, `${repositoryKey}/a`)).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  const { id } = await trashCan(a.content.session);
  await postgres.query(`update artifact_property set value = (value::bigint - 3 * 86400000)::text where name = 'trash.time' and path like '%/b'`, cluster.database);
  expect(await deleteExpired(a.content.session.db, id, 4, 10)).toBe(0);
  expect(await deleteExpired(a.content.session.db, id, 2, 10)).toBe(1);
  expect(await trashed()).toEqual(['generic-local/c']);
  const { db } = a.content.session;
  const expire = (): Promise<unknown> => expireTrash(a.coherence).run({}, { db, fenced: (effect) => db.transaction().execute(effect), step: async () => undefined });
  expect(await expire()).toEqual({ artifacts: 0 });
  expect(await kind(`${repositoryKey}/c`, trashRepositoryKey)).toBe('file');
  await postgres.query(`update artifact_property set value = (value::bigint - 15 * 86400000)::text where name = 'trash.time'`, cluster.database);
  expect(await expire()).toEqual({ artifacts: 1 });
  expect(await kind(`${repositoryKey}/c`, trashRepositoryKey)).toBe('nothing');
  await put('c', 'c');
  await drop('c');
  expect(await kind(`${repositoryKey}/c`, trashRepositoryKey)).toBe('file');
  expect(await emptyTrash(a.content.session, principal)).toBe(1);
  expect(await kind(`${repositoryKey}/c`, trashRepositoryKey)).toBe('nothing');
  expect(await candidates()).toBe(4);
});

it('lets things through when it is off or an administrator says so, and belongs to administrators', async () => {
  for (const path of ['a', 'b', 'c']) await put(path, path);
  await expect(drop('a', deployer, true)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await drop('a', principal, true);
  expect(await candidates()).toBe(1);
  await changeTrashSettings(b.content.session, { enabled: false, retentionDays: 1 }, 'ada');
  await drop('b');
  expect(await candidates()).toBe(2);
  await changeTrashSettings(b.content.session, { enabled: true, retentionDays: 1 }, 'ada');
  await drop('c');
  expect(await trashed()).toEqual(['generic-local/c']);
  const location = { repositoryKey: trashRepositoryKey, path: 'generic-local/c' };
  await expect(resolve(a.content, deployer, trashRepositoryKey, location.path)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(put('x', 'x', trashRepositoryKey)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  for (const operation of ['copy', 'move'] as const) {
    await expect(transfer(a.content, { principal, operation, from: location, to: { repositoryKey, path: 'd' }, dryRun: false, replayKey })).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(transfer(a.content, { principal, operation, from: { repositoryKey, path: 'c' }, to: location, dryRun: false, replayKey })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  }
  await expect(changeRepository(a.content, principal, trashRepositoryKey, {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await expect(removeRepository(a.content, principal, trashRepositoryKey)).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await drop('generic-local/c', principal, false, trashRepositoryKey);
  expect(await trashed()).toEqual([]);
});
