import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { readdir, rm, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { contentCluster, type ContentCluster, type TestNode } from '../../test/harness/content-session.ts';
import { startPostgres, type TestPostgres } from '../../test/harness/postgres.ts';
import { waitFor } from '../../test/harness/wait-for.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { insertArtifact } from '../metadata/artifacts.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import { findRepository } from '../metadata/repositories.ts';
import type { Principal } from '../security/principal.ts';
import { changeRepository, createRepository, removeRepository } from './administration.ts';
import { declaredChecksums } from './declared-checksums.ts';
import { deploy, deployByChecksum } from './deploy.ts';
import { makeFolder } from './folder-marker.ts';
import { readBlob } from './read-blob.ts';
import { remove } from './remove.ts';
import { resolve } from './resolve.ts';
import { storageInfo, storageList } from './storage-info.ts';
import { transfer } from './transfer.ts';

const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
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

const sha = (bytes: Buffer | string, algorithm = 'sha256'): string => createHash(algorithm).update(bytes).digest('hex');
const put = (node: TestNode, repositoryKey: string, path: string, bytes: Buffer | string, headers: Record<string, string> = {}, replayKey: string | null = null): Promise<RecordedAnswer> =>
  deploy(node.content, { principal, repositoryKey, path, declared: declaredChecksums(headers), replayKey }, Readable.from([Buffer.from(bytes)]));
const get = async (node: TestNode, repositoryKey: string, path: string): Promise<Buffer | null> => {
  const found = await resolve(node.content, principal, repositoryKey, path);
  if (found.kind === 'nothing') return null;
  if (found.kind === 'text') return found.content.bytes;
  if (found.kind === 'arriving') throw new Error('nothing comes from elsewhere here');
  const source = await readBlob(node.content, found.repository, found.file);
  return source.bytes ?? Buffer.concat(await (await source.open()).toArray() as Buffer[]);
};
const text = async (node: TestNode, repositoryKey: string, path: string): Promise<string | null> => (await get(node, repositoryKey, path))?.toString() ?? null;
const blobFiles = async (): Promise<string[]> => (await readdir(join(cluster.path, 'blobs'), { recursive: true })).filter((name) => name.includes('.'));
const stagingFiles = async (): Promise<string[]> => (await readdir(join(cluster.path, 'staging'), { recursive: true })).filter((name) => name.includes('/'));
const candidates = async (): Promise<string[]> =>
  (await postgres.query('select sha256 from collection_candidate join blob on blob.id = blob_id order by sha256', cluster.database)).map((row) => String(row['sha256']));
const artifactCount = async (): Promise<unknown> => (await postgres.query(`select count(*)::int as count from artifact join repository on id = repository_id where key <> 'auto-trashcan'`, cluster.database))[0]?.['count'];
const untilSomebodyWaits = async (): Promise<void> => {
  await waitFor('a transaction to wait for a path', async () => (await postgres.query(`select 1 from pg_locks where locktype = 'advisory' and not granted`, cluster.database)).length > 0);
};
/** A deploy that has inserted its row and not committed yet. */
const deployUnderWay = async (repositoryKey: string, path: string): Promise<{ commit(): Promise<void> }> => {
  const { db } = a.content.session;
  const repository = await findRepository(db, repositoryKey);
  const repositoryId = repository?.id ?? 0;
  const inserted = Promise.withResolvers<undefined>();
  const released = Promise.withResolvers<undefined>();
  const done = db.transaction().execute(async (trx) => {
    await lockPaths(trx, [{ repositoryId, path }]);
    await insertArtifact(trx, { repositoryId, path, blobId: null, mimeType: 'text/plain', by: 'ada', original: { md5: null, sha1: null, sha256: null }, facts: null });
    inserted.resolve(undefined);
    await released.promise;
  });
  await Promise.race([inserted.promise, done]);
  return { commit: async () => { released.resolve(undefined); await done; } };
};
const change = (operation: 'copy' | 'move', from: string, to: string, dryRun = false): Promise<RecordedAnswer> => {
  const location = (name: string): { repositoryKey: string; path: string } => ({ repositoryKey: name.split('/')[0]!, path: name.slice(name.indexOf('/') + 1) });
  return transfer(a.content, { principal, operation, from: location(from), to: location(to), dryRun, replayKey: null });
};

describe('deploying', () => {
  it('stores bytes that every node reads, and describes them as Artifactory does', async () => {
    for (const size of [0, 5, 300_000, 2_000_000]) {
      const bytes = randomBytes(size);
      const answer = await put(a, 'generic-local', `files/${String(size)}.bin`, bytes, { 'x-checksum-sha1': sha(bytes, 'sha1') });
      expect(answer.status).toBe(201);
      expect(JSON.parse(answer.body!)).toMatchObject({
        repo: 'generic-local', path: `/files/${String(size)}.bin`, createdBy: 'ada', size: String(size), mimeType: 'application/octet-stream',
        downloadUri: `http://repo.example.org/artifactory/generic-local/files/${String(size)}.bin`,
        checksums: { sha1: sha(bytes, 'sha1'), md5: sha(bytes, 'md5'), sha256: sha(bytes) }, originalChecksums: { sha1: sha(bytes, 'sha1') },
      });
      expect((await get(b, 'generic-local', `files/${String(size)}.bin`))?.equals(bytes)).toBe(true);
    }
    expect(await stagingFiles()).toEqual([]);
  });

  it('refuses bytes that are not what was declared, and leaves nothing', async () => {
    for (const size of [10, 600_000]) {
      await expect(put(a, 'generic-local', 'x', randomBytes(size), { 'x-checksum-sha256': sha('other') })).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    }
    const broken = Readable.from((function* () { yield randomBytes(400_000); throw new Error('broken off'); })());
    await expect(deploy(a.content, { principal, repositoryKey: 'generic-local', path: 'x', declared: declaredChecksums({}), replayKey: null }, broken)).rejects.toThrow();
    expect(await get(a, 'generic-local', 'x')).toBeNull();
    expect([...await blobFiles(), ...await stagingFiles()]).toEqual([]);
  });

  it('keeps the same bytes once, and overwrites on every node at once', async () => {
    await put(a, 'generic-local', 'one', 'same');
    await put(b, 'generic-local', 'two', 'same');
    expect(await blobFiles()).toHaveLength(1);
    expect(await text(b, 'generic-local', 'one')).toBe('same');
    await put(a, 'generic-local', 'one', 'different');
    expect(await text(b, 'generic-local', 'one')).toBe('different');
    expect(await text(b, 'generic-local', 'two')).toBe('same');
    expect(await candidates()).toEqual([sha('same')]);
  });

  it('prepares nothing for an insert, and the path for an overwrite', async () => {
    await put(a, 'generic-local', 'new', '1');
    expect(a.coherence.touched).toEqual([]);
    await put(a, 'generic-local', 'new', '2');
    expect(a.coherence.touched.flatMap((touched) => touched.keys)).toEqual([expect.stringMatching(/^artifact:\d+\/new$/)]);
  });

  it('survives many deploys of one path and one content on several nodes', async () => {
    const answers = await Promise.all(Array.from({ length: 24 }, (_, at) => put(at % 2 === 0 ? a : b, 'generic-local', `p/${String(at % 4)}`, `content ${String(at % 3)}`)));
    expect(answers.map((answer) => answer.status)).toEqual(answers.map(() => 201));
    expect(await blobFiles()).toHaveLength(3);
    expect(await stagingFiles()).toEqual([]);
    for (const path of ['p/0', 'p/1', 'p/2', 'p/3']) expect(await text(a, 'generic-local', path)).toBe(await text(b, 'generic-local', path));
  });

  it('answers a replay with the first answer and changes nothing', async () => {
    const key = randomUUID();
    const first = await put(a, 'generic-local', 'v', 'one', {}, key);
    await put(b, 'generic-local', 'v', 'two');
    expect(await put(b, 'generic-local', 'v', 'one', {}, key)).toEqual(first);
    expect(await text(a, 'generic-local', 'v')).toBe('two');
    expect(await remove(a.content, { principal, repositoryKey: 'generic-local', path: 'v', replayKey: 'gone' })).toMatchObject({ status: 204 });
    await put(b, 'generic-local', 'v', 'three');
    expect(await remove(b.content, { principal, repositoryKey: 'generic-local', path: 'v', replayKey: 'gone' })).toMatchObject({ status: 204 });
    expect(await text(a, 'generic-local', 'v')).toBe('three');
  });

  it('lets a frozen writer that wakes up after its replay change nothing', async () => {
    const key = randomUUID();
    let release = (): void => undefined;
    const frozen = new Promise<void>((resolvePromise) => { release = resolvePromise; });
    const slow = Readable.from((async function* () { yield Buffer.from('one'); await frozen; })());
    const late = deploy(a.content, { principal, repositoryKey: 'generic-local', path: 'v', declared: declaredChecksums({}), replayKey: key }, slow);
    const first = await put(b, 'generic-local', 'v', 'one', {}, key);
    await put(b, 'generic-local', 'v', 'two');
    release();
    expect(await late).toEqual(first);
    expect(await text(a, 'generic-local', 'v')).toBe('two');
    expect(await stagingFiles()).toEqual([]);
  });

  it('refuses a file below a file and a file in place of a folder, also when both come at once', async () => {
    await put(a, 'generic-local', 'a/b', '1');
    await expect(put(a, 'generic-local', 'a/b/c', '2')).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
    await expect(put(a, 'generic-local', 'a', '3')).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
    await put(a, 'generic-local', 'a/b0', 'beside');
    for (let round = 0; round < 10; round += 1) {
      const root = `race/${String(round)}`;
      const results = await Promise.allSettled([put(a, 'generic-local', root, 'file'), put(b, 'generic-local', `${root}/below`, 'below')]);
      expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    }
  });
});

describe('deploying by checksum', () => {
  const byChecksum = (declared: Record<string, string>, path = 'copy'): Promise<RecordedAnswer> =>
    deployByChecksum(a.content, { principal, repositoryKey: 'generic-local', path, declared: declaredChecksums(declared), replayKey: null });

  it.each(['sha256', 'sha1', 'md5'])('finds content by %s', async (algorithm) => {
    await put(a, 'generic-local', 'original', 'content');
    expect(await byChecksum({ [`x-checksum-${algorithm}`]: sha('content', algorithm) })).toMatchObject({ status: 201 });
    expect(await text(b, 'generic-local', 'copy')).toBe('content');
  });

  it('answers that it does not know what is not stored, has a tombstone, or has lost its file', async () => {
    await expect(byChecksum({ 'x-checksum-sha256': sha('never') })).rejects.toMatchObject({ code: 'CHECKSUM_UNKNOWN' });
    await put(a, 'generic-local', 'original', 'content');
    await postgres.query('update blob set tombstoned_at = now()', cluster.database);
    await expect(byChecksum({ 'x-checksum-sha256': sha('content') })).rejects.toMatchObject({ code: 'CHECKSUM_UNKNOWN' });
    await postgres.query('update blob set tombstoned_at = null', cluster.database);
    const [file] = await blobFiles();
    await unlink(join(cluster.path, 'blobs', file!));
    await expect(byChecksum({ 'x-checksum-sha256': sha('content') })).rejects.toMatchObject({ code: 'CHECKSUM_UNKNOWN' });
    await expect(byChecksum({})).rejects.toMatchObject({ code: 'HEADER_INVALID' });
  });
});

describe('blobs', () => {
  it('gives content whose blob has a tombstone a new name', async () => {
    await put(a, 'generic-local', 'old', 'content');
    const [before] = await blobFiles();
    await postgres.query('update blob set tombstoned_at = now()', cluster.database);
    await put(a, 'generic-local', 'new', 'content');
    const after = await blobFiles();
    expect(after).toHaveLength(2);
    await unlink(join(cluster.path, 'blobs', before!));
    const fresh = await cluster.addNode();
    expect(await text(fresh, 'generic-local', 'new')).toBe('content');
  });

  it('heals a row whose file is gone with the next deploy of the same bytes', async () => {
    await put(a, 'generic-local', 'one', 'content');
    expect(await text(b, 'generic-local', 'one')).toBe('content');
    await rm(join(cluster.path, 'blobs', (await blobFiles())[0]!));
    const fresh = await cluster.addNode();
    await expect(get(fresh, 'generic-local', 'one')).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    await put(a, 'generic-local', 'two', 'content');
    expect(await text(fresh, 'generic-local', 'one')).toBe('content');
    expect(await text(fresh, 'generic-local', 'two')).toBe('content');
    expect(await stagingFiles()).toEqual([]);
  });

  it('answers hot paths without a statement', async () => {
    await put(a, 'generic-local', 'hot', 'content');
    await put(a, 'maven-releases', 'g/a/1/a-1.pom', '<project/>');
    const paths = [['generic-local', 'hot'], ['generic-local', 'hot.sha1'], ['maven-releases', 'g/a/maven-metadata.xml']] as const;
    for (const [key, path] of paths) await get(b, key, path);
    const before = b.statements();
    for (const [key, path] of paths) expect(await get(b, key, path)).not.toBeNull();
    expect(b.statements()).toBe(before);
  });
});

describe('checksum files', () => {
  it('are answered from metadata, and a deployed one is checked and not stored', async () => {
    await put(a, 'generic-local', 'a.jar', 'content');
    for (const algorithm of ['md5', 'sha1', 'sha256', 'sha512']) {
      expect(await text(b, 'generic-local', `a.jar.${algorithm}`)).toBe(sha('content', algorithm));
      expect(await put(b, 'generic-local', `a.jar.${algorithm}`, `${sha('content', algorithm).toUpperCase()}  a.jar\n`)).toMatchObject({ status: 201 });
      await expect(put(b, 'generic-local', `a.jar.${algorithm}`, sha('other', algorithm))).rejects.toMatchObject({ code: 'CHECKSUM_MISMATCH' });
    }
    await expect(put(a, 'generic-local', 'none.jar.sha1', sha('x', 'sha1'))).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    await expect(put(a, 'generic-local', 'a.jar.sha1', 'no checksum')).rejects.toMatchObject({ code: 'CHECKSUM_INVALID' });
    expect((await storageList(a.content, principal, 'generic-local', '', { depth: Infinity, listFolders: false, mdTimestamps: false, includeRootPath: false })).files).toHaveLength(1);
    expect(await storageInfo(a.content, principal, 'generic-local', 'a.jar')).toMatchObject({ originalChecksums: { md5: sha('content', 'md5'), sha1: sha('content', 'sha1') } });
  });
});

describe('folders', () => {
  it('are listed by what is in them', async () => {
    for (const path of ['a/b', 'a/c/d', 'a/c/e', 'a/c.txt', 'a/c-1/x', 'a/c0', 'a-b', 'ä/ö', 'z']) await put(a, 'generic-local', path, path);
    await makeFolder(a.content, { principal, repositoryKey: 'generic-local', path: 'a/empty/', replayKey: null });
    const children = async (path: string): Promise<unknown> => (await storageInfo(b.content, principal, 'generic-local', path) as { children: unknown }).children;
    const file = (uri: string): object => ({ uri, folder: false });
    const folder = (uri: string): object => ({ uri, folder: true });
    expect(await children('')).toEqual([file('/a-b'), folder('/a'), file('/z'), folder('/ä')]);
    expect(await children('a')).toEqual([file('/b'), folder('/c-1'), file('/c.txt'), folder('/c'), file('/c0'), folder('/empty')]);
    expect(await children('a/empty')).toEqual([]);
    expect(await children('ä')).toEqual([file('/ö')]);
    await expect(children('none')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    const list = async (options: object): Promise<string[]> =>
      (await storageList(b.content, principal, 'generic-local', 'a', { depth: 1, listFolders: false, mdTimestamps: false, includeRootPath: false, ...options })).files.map((entry) => entry.uri);
    expect(await list({})).toEqual(['/b', '/c.txt', '/c0']);
    expect(await list({ depth: Infinity })).toEqual(['/b', '/c-1/x', '/c.txt', '/c/d', '/c/e', '/c0']);
    expect(await list({ listFolders: true, includeRootPath: true })).toEqual(['/', '/b', '/c', '/c-1', '/c.txt', '/c0', '/empty']);
  });

  it('are deleted with everything below, on every node', async () => {
    for (const path of ['d/one', 'd/e/two', 'd0', 'd-1']) await put(a, 'generic-local', path, path);
    for (const path of ['d/one', 'd/e/two']) expect(await text(b, 'generic-local', path)).toBe(path);
    await remove(a.content, { principal, repositoryKey: 'generic-local', path: 'd', replayKey: null, permanent: true });
    for (const path of ['d/one', 'd/e/two']) expect(await get(b, 'generic-local', path)).toBeNull();
    expect(await text(b, 'generic-local', 'd0')).toBe('d0');
    expect(await candidates()).toEqual([sha('d/one'), sha('d/e/two')].sort());
    await expect(remove(a.content, { principal, repositoryKey: 'generic-local', path: 'd', replayKey: null })).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
  });

  it('are deleted together with what was being deployed into them', async () => {
    await put(a, 'generic-local', 'race/first', 'x');
    const held = await deployUnderWay('generic-local', 'race/late');
    const removed = remove(b.content, { principal, repositoryKey: 'generic-local', path: 'race', replayKey: null });
    await untilSomebodyWaits();
    await held.commit();
    expect(await removed).toMatchObject({ status: 204 });
    expect(await artifactCount()).toBe(0);
  });
});

describe('copying and moving', () => {
  it('copies and moves files and folders without touching bytes', async () => {
    await put(a, 'generic-local', 'src/one', '1');
    await put(a, 'generic-local', 'src/sub/two', '2');
    expect(JSON.parse((await change('copy', 'generic-local/src', 'generic-local/dst', true)).body!)).toMatchObject({ messages: [{ level: 'INFO' }] });
    expect(await get(b, 'generic-local', 'dst/one')).toBeNull();
    expect((await change('copy', 'generic-local/src', 'generic-local/dst')).body).toContain('2 artifacts and 2 folders were copied');
    expect(await text(b, 'generic-local', 'dst/sub/two')).toBe('2');
    await change('move', 'generic-local/dst/one', 'generic-local/moved');
    expect([await text(b, 'generic-local', 'moved'), await text(b, 'generic-local', 'dst/one')]).toEqual(['1', null]);
    await change('move', 'generic-local/dst', 'generic-local/src');
    expect(await text(b, 'generic-local', 'src/dst/sub/two')).toBe('2');
    expect(await text(b, 'generic-local', 'dst/sub/two')).toBeNull();
    expect(await blobFiles()).toHaveLength(2);
  });

  it('replaces what is there, and gives its blob to the collector', async () => {
    await put(a, 'generic-local', 'from', 'new');
    await put(a, 'generic-local', 'to', 'old');
    expect(await text(b, 'generic-local', 'to')).toBe('old');
    await change('move', 'generic-local/from', 'generic-local/to');
    expect([await text(b, 'generic-local', 'to'), await text(b, 'generic-local', 'from')]).toEqual(['new', null]);
    expect(await candidates()).toEqual([sha('old')]);
  });

  it('holds targets to the same rules as deploys', async () => {
    await put(a, 'generic-local', 'g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', 'x');
    await expect(change('copy', 'generic-local/g', 'maven-releases/g')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
    await expect(change('move', 'generic-local/g', 'generic-local/g/a')).rejects.toMatchObject({ code: 'PATH_CONFLICT' });
    await expect(change('move', 'generic-local/none', 'generic-local/x')).rejects.toMatchObject({ code: 'ARTIFACT_NOT_FOUND' });
    await expect(change('copy', 'generic-local/g', 'none/x')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
  });
});

describe('Maven repositories', () => {
  it('hold to their version policy', async () => {
    await expect(put(a, 'maven-releases', 'g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', 'x')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
    await expect(put(a, 'maven-snapshots', 'g/a/1/a-1.jar', 'x')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
    await put(a, 'maven-releases', 'archetype-catalog.xml', 'x');
  });

  it('let a snapshot be overwritten by whoever may deploy, and a release only by whoever may delete', async () => {
    const deployer: Principal = { name: 'bob', role: 'deployer', via: 'password' };
    const by = (path: string, bytes: string): Promise<RecordedAnswer> => deploy(a.content, {
      principal: deployer, repositoryKey: path.includes('SNAPSHOT') ? 'maven-snapshots' : 'maven-releases', path, declared: declaredChecksums({}), replayKey: null,
    }, Readable.from([Buffer.from(bytes)]));
    await by('g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', '1');
    expect(await by('g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar', '2')).toMatchObject({ status: 201 });
    expect(await text(b, 'maven-snapshots', 'g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar')).toBe('2');
  });

  it('compute artifact metadata from what is there, also under deploys on several nodes at once', async () => {
    expect(await get(a, 'maven-releases', 'org/acme/lib/maven-metadata.xml')).toBeNull();
    const versions = ['1.0', '1.2', '1.10', '1.10-rc1', '2.0-beta-1'];
    await Promise.all(versions.map((version, at) => put(at % 2 === 0 ? a : b, 'maven-releases', `org/acme/lib/${version}/lib-${version}.pom`, version)));
    for (const node of [a, b]) {
      const xml = await text(node, 'maven-releases', 'org/acme/lib/maven-metadata.xml');
      expect(xml).toContain('<groupId>org.acme</groupId>');
      expect([...xml!.matchAll(/<version>(.*?)<\/version>/g)].map((match) => match[1])).toEqual(['1.0', '1.2', '1.10-rc1', '1.10', '2.0-beta-1']);
      expect(xml).toContain('<release>2.0-beta-1</release>');
      expect(await text(node, 'maven-releases', 'org/acme/lib/maven-metadata.xml.sha1')).toBe(sha(xml!, 'sha1'));
    }
    await remove(a.content, { principal, repositoryKey: 'maven-releases', path: 'org/acme/lib/2.0-beta-1', replayKey: null });
    expect(await text(b, 'maven-releases', 'org/acme/lib/maven-metadata.xml')).toContain('<release>1.10</release>');
  });

  it('take metadata that a client sends, and do not believe it', async () => {
    await put(a, 'maven-releases', 'g/a/1/a-1.pom', 'x');
    const before = await text(a, 'maven-releases', 'g/a/maven-metadata.xml');
    expect(await put(a, 'maven-releases', 'g/a/maven-metadata.xml', '<metadata/>')).toMatchObject({ status: 201 });
    expect(await put(a, 'maven-releases', 'g/a/maven-metadata.xml.sha1', sha('<metadata/>', 'sha1'))).toMatchObject({ status: 201 });
    expect(await text(b, 'maven-releases', 'g/a/maven-metadata.xml')).toBe(before);
  });

  it('compute snapshot metadata', async () => {
    const folder = 'g/a/1-SNAPSHOT';
    for (const name of ['a-1-20260101.100000-1.jar', 'a-1-20260101.100000-1.pom', 'a-1-20260102.100000-2.jar', 'a-1-20260102.100000-2.pom', 'a-1-20260101.100000-1-sources.jar']) {
      await put(a, 'maven-snapshots', `${folder}/${name}`, name);
    }
    const xml = await text(b, 'maven-snapshots', `${folder}/maven-metadata.xml`);
    expect(xml).toMatch(/<timestamp>20260102\.100000<\/timestamp>\s*<buildNumber>2<\/buildNumber>/);
    expect(xml).toMatch(/<extension>jar<\/extension>\s*<value>1-20260102\.100000-2<\/value>\s*<updated>20260102100000<\/updated>/);
    expect(xml).toMatch(/<classifier>sources<\/classifier>\s*<extension>jar<\/extension>\s*<value>1-20260101\.100000-1<\/value>/);
    expect(await text(b, 'maven-snapshots', 'g/a/maven-metadata.xml')).toContain('<latest>1-SNAPSHOT</latest>');
    await put(b, 'maven-snapshots', `${folder}/a-1-20260103.100000-3.pom`, '3');
    expect(await text(a, 'maven-snapshots', `${folder}/maven-metadata.xml`)).toContain('<buildNumber>3</buildNumber>');
  });

  it('name the plugins of a group', async () => {
    await put(a, 'maven-releases', 'org/acme/maven/hello-maven-plugin/1/hello-maven-plugin-1.pom', 'x');
    expect(await text(b, 'maven-releases', 'org/acme/maven/maven-metadata.xml')).toMatch(/<prefix>hello<\/prefix>\s*<artifactId>hello-maven-plugin<\/artifactId>/);
  });
});

describe('repositories', () => {
  it('are created, changed and removed with everything in them', async () => {
    await createRepository(a.content, principal, 'libs', { rclass: 'local', packageType: 'maven', handleSnapshots: false, description: 'Libraries' });
    await expect(createRepository(a.content, principal, 'LIBS', {})).rejects.toMatchObject({ code: 'REPOSITORY_EXISTS' });
    for (const key of ['api', 'V2', '.x', 'a b', '']) await expect(createRepository(a.content, principal, key, {})).rejects.toMatchObject({ code: 'REPOSITORY_KEY_INVALID' });
    await expect(createRepository(a.content, principal, 'x', { packageType: 'cobol' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await put(a, 'libs', 'g/a/1/a-1.jar', 'x');
    await expect(put(b, 'libs', 'g/a/2-SNAPSHOT/a-2-SNAPSHOT.jar', 'x')).rejects.toMatchObject({ code: 'LAYOUT_VIOLATION' });
    await changeRepository(a.content, principal, 'libs', { handleSnapshots: true });
    expect(await put(b, 'libs', 'g/a/2-SNAPSHOT/a-2-SNAPSHOT.jar', 'x')).toMatchObject({ status: 201 });
    expect(await findRepository(a.content.session.db, 'libs')).toMatchObject({ description: 'Libraries', generation: 2 });
    expect(await text(b, 'libs', 'g/a/1/a-1.jar')).toBe('x');
    await removeRepository(a.content, principal, 'libs');
    await expect(get(b, 'libs', 'g/a/1/a-1.jar')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
    expect(await postgres.query(`select count(*)::int as count from artifact join repository on id = repository_id where key <> 'auto-trashcan'`, cluster.database)).toEqual([{ count: 0 }]);
  });

  it('are removed together with what was being deployed into them', async () => {
    await createRepository(a.content, principal, 'short', {});
    const held = await deployUnderWay('short', 'deep/file');
    const removed = removeRepository(b.content, principal, 'short');
    await untilSomebodyWaits();
    await held.commit();
    await removed;
    expect(await artifactCount()).toBe(0);
    await expect(put(a, 'short', 'late', 'x')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
  });

  it('may be used only by whom the rights allow it', async () => {
    const reader: Principal = { name: 'eve', role: 'reader', via: 'password' };
    const request = { principal: reader, repositoryKey: 'generic-local', path: 'x', replayKey: null };
    await expect(deploy(a.content, { ...request, declared: declaredChecksums({}) }, Readable.from([]))).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(remove(a.content, request)).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(createRepository(a.content, reader, 'x', {})).rejects.toMatchObject({ code: 'FORBIDDEN' });
    await expect(resolve(a.content, { name: 'anonymous', role: 'reader', via: 'anonymous' }, 'none', 'x')).rejects.toMatchObject({ code: 'REPOSITORY_NOT_FOUND' });
  });
});
