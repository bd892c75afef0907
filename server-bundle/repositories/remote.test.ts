import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { listed } from '../../test/harness/listed.ts';
import { contentCluster, type ContentCluster, type TestNode } from '../../test/harness/content-session.ts';
import { startPostgres, type TestPostgres } from '../../test/harness/postgres.ts';
import { UpstreamServer } from '../../test/harness/upstream-server.ts';
import type { Principal } from '../security/principal.ts';
import { changeRepository, createRepository, removeRepository } from './administration.ts';
import { repositoryJson } from './configuration.ts';
import { declaredChecksums } from './declared-checksums.ts';
import { deploy } from './deploy.ts';
import { findRepository } from '../metadata/repositories.ts';
import { lastModified } from './last-modified.ts';
import { remove } from './remove.ts';
import { documentOf, resolve } from './resolve.ts';
import { storageInfo, type FolderInfo } from './storage-info.ts';
import { storageList } from './storage-list.ts';

const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
let postgres: TestPostgres;
let cluster: ContentCluster;
let upstream: UpstreamServer;
let a: TestNode;
let b: TestNode;

beforeAll(async () => { postgres = await startPostgres(); });
afterAll(async () => { await postgres.stop(); });
beforeEach(async () => {
  upstream = await UpstreamServer.start();
  cluster = await contentCluster(postgres);
  a = await cluster.addNode();
  b = await cluster.addNode();
  return async () => {
    await cluster[Symbol.asyncDispose]();
    await upstream[Symbol.asyncDispose]();
  };
});

const remoteRepository = async (key: string, settings: Record<string, unknown> = {}): Promise<void> =>
  createRepository(a.content, principal, key, { rclass: 'remote', packageType: 'generic', url: upstream.url, allowPrivateAddresses: true, ...settings });
const local = (key: string): Promise<void> => createRepository(a.content, principal, key, { rclass: 'local', packageType: 'generic' });
const put = (node: TestNode, repositoryKey: string, path: string, text: string): Promise<unknown> =>
  deploy(node.content, { principal, repositoryKey, path, declared: declaredChecksums({}), replayKey: null }, Readable.from([Buffer.from(text)]));
const get = async (node: TestNode, key: string, path: string): Promise<string | null> => (await documentOf(node.content, principal, key, path))?.content.bytes.toString() ?? null;
const sha1 = (text: string): string => createHash('sha1').update(text).digest('hex');

describe('remote repositories', () => {
  it('fetch once, keep what they fetched, and answer it on every node', async () => {
    await remoteRepository('far');
    upstream.set('/x/a b.txt', 'hello');
    expect(await Promise.all([get(a, 'far', 'x/a b.txt'), get(a, 'far', 'x/a b.txt'), get(b, 'far', 'x/a b.txt')])).toEqual(['hello', 'hello', 'hello']);
    expect(await get(b, 'far', 'x/a b.txt.sha1')).toBe(sha1('hello'));
    expect(upstream.asked).toEqual(['GET /x/a%20b.txt']);
    const found = await resolve(b.content, principal, 'far', 'x/a b.txt');
    expect(found).toMatchObject({ kind: 'file', stale: false, file: { createdBy: 'ada', blob: { size: 5 } } });
    const before = a.statements();
    await resolve(a.content, principal, 'far', 'x/a b.txt');
    await resolve(a.content, principal, 'far', 'x/a b.txt');
    expect(a.statements() - before).toBeLessThanOrEqual(2);
  });

  it('remember what upstream does not have, until somebody says otherwise', async () => {
    await remoteRepository('far');
    for (const node of [a, b, a]) expect(await get(node, 'far', 'none.txt')).toBeNull();
    expect(upstream.count('/none.txt')).toBe(1);
    upstream.set('/none.txt', 'now');
    await changeRepository(a.content, principal, 'far', { description: 'looked at' });
    expect(await get(b, 'far', 'none.txt')).toBe('now');
  });

  it('serve what they keep when upstream is gone, say so where it matters, and ask nobody while they are offline', async () => {
    await remoteRepository('far');
    upstream.set('/a.txt', 'a');
    await get(a, 'far', 'a.txt');
    await upstream.vanish();
    expect(await get(b, 'far', 'a.txt')).toBe('a');
    expect(await get(b, 'far', 'b.txt')).toBeNull();
    await changeRepository(a.content, principal, 'far', { hardFail: true });
    await expect(get(b, 'far', 'b.txt')).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    await upstream.listen();
    upstream.set('/b.txt', 'b');
    // assumed to be offline still
    await expect(get(b, 'far', 'b.txt')).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    await changeRepository(a.content, principal, 'far', { offline: true });
    expect([await get(b, 'far', 'b.txt'), await get(b, 'far', 'a.txt')]).toEqual([null, 'a']);
    await changeRepository(a.content, principal, 'far', { offline: false });
    expect(await get(b, 'far', 'b.txt')).toBe('b');
  });

  it('keep nothing of a body that is not what it was said to be', async () => {
    await remoteRepository('far', { hardFail: true });
    const answer = (headers: Record<string, string>, body: string) => (_request: unknown, response: ServerResponse): void => {
      response.writeHead(200, headers);
      response.write(body);
      setTimeout(() => { if (headers['content-length'] === undefined) response.end(); else response.destroy(); }, 20);
    };
    upstream.set('/short.bin', answer({ 'content-length': '100' }, 'only this'));
    upstream.set('/wrong.bin', answer({ 'x-checksum-sha1': sha1('else') }, 'something'));
    for (const path of ['short.bin', 'wrong.bin']) {
      await expect(get(a, 'far', path), path).rejects.toThrow();
      const arriving = await resolve(b.content, principal, 'far', path);
      if (arriving.kind !== 'arriving') throw new Error(arriving.kind);
      await expect(arriving.arrival.read().toArray(), path).rejects.toThrow();
    }
    upstream.set('/short.bin', 'whole');
    upstream.set('/wrong.bin', 'right');
    expect([await get(a, 'far', 'short.bin'), await get(b, 'far', 'wrong.bin')]).toEqual(['whole', 'right']);
  });

  it('go nowhere that is not allowed, also not by redirect, and take no credentials to another origin', async () => {
    await expect(remoteRepository('near', { allowPrivateAddresses: false })).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await using elsewhere = await UpstreamServer.start();
    await remoteRepository('far', { username: 'u', password: 'secret', hardFail: true });
    elsewhere.set('/b.txt', 'b');
    upstream.set('/a.txt', (_request, response) => { response.writeHead(302, { location: `${elsewhere.url}/b.txt` }).end(); });
    expect(await get(a, 'far', 'a.txt')).toBe('b');
    expect(upstream.headers[0]?.authorization).toBe(`Basic ${Buffer.from('u:secret').toString('base64')}`);
    expect(elsewhere.headers[0]?.authorization).toBeUndefined();
    // nor to where a stranger says that tokens are given
    elsewhere.set('/c.txt', (_request, response) => { response.writeHead(401, { 'www-authenticate': `Bearer realm="${elsewhere.url}/token",service="s"` }).end(); });
    elsewhere.set('/token', '{"token":"t"}');
    upstream.set('/c.txt', (_request, response) => { response.writeHead(302, { location: `${elsewhere.url}/c.txt` }).end(); });
    await expect(get(a, 'far', 'c.txt')).rejects.toMatchObject({ code: 'UPSTREAM_FAILED' });
    expect(elsewhere.headers.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    expect(elsewhere.asked).toEqual(['GET /b.txt', 'GET /c.txt']);
    const named = upstream.url.replace('127.0.0.1', 'localhost');
    await createRepository(a.content, principal, 'named', { rclass: 'remote', packageType: 'generic', url: named, hardFail: true });
    const before = upstream.asked.length;
    await expect(get(a, 'named', 'a.txt')).rejects.toMatchObject({ code: 'UPSTREAM_ADDRESS_REFUSED' });
    expect(upstream.asked.length).toBe(before);
  });

  it('are configured in Artifactory\'s words, never tell their password, and send it nowhere else', async () => {
    await remoteRepository('far', { username: 'u', password: 'secret' });
    const stored = (await findRepository(a.content.session.db, 'far'))!;
    expect(JSON.stringify(stored)).not.toContain('secret');
    expect(repositoryJson(stored)).toMatchObject({ rclass: 'remote', url: upstream.url, retrievalCachePeriodSecs: 7200, passwordSet: true });
    expect(JSON.stringify(repositoryJson(stored))).not.toContain('"password"');
    await expect(changeRepository(a.content, principal, 'far', { url: 'https://example.org/' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await expect(changeRepository(a.content, principal, 'far', { rclass: 'local' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await changeRepository(a.content, principal, 'far', { url: 'https://example.org/', password: null });
    expect(repositoryJson((await findRepository(a.content.session.db, 'far'))!)).toMatchObject({ passwordSet: false });
    for (const wrong of [{ url: 'ftp://x' }, { url: 'http://u:p@x/' }, { url: undefined }, { caCertificates: 'no' }, { retrievalCachePeriodSecs: -1 }]) {
      await expect(remoteRepository('wrong', wrong), JSON.stringify(wrong)).rejects.toMatchObject({ code: 'BODY_INVALID' });
    }
  });

  it('take no list of a folder for a file', async () => {
    await remoteRepository('far');
    upstream.set('/x', (_request, response) => { response.writeHead(301, { location: '/x/' }).end(); });
    upstream.set('/x/', '<html>a list</html>');
    upstream.set('/x/a.txt', 'a');
    expect(await get(a, 'far', 'x')).toBeNull();
    expect(await get(b, 'far', 'x/a.txt')).toBe('a');
    expect(upstream.asked).toEqual(['GET /x', 'GET /x/a.txt']);
  });

  it('take no deploy, and let what they keep be deleted', async () => {
    await remoteRepository('far');
    upstream.set('/a.txt', 'a');
    await expect(put(a, 'far', 'a.txt', 'x')).rejects.toMatchObject({ code: 'REPOSITORY_READ_ONLY' });
    await get(a, 'far', 'a.txt');
    upstream.set('/a.txt', 'newer');
    expect(await get(b, 'far', 'a.txt')).toBe('a');
    await remove(b.content, { principal, repositoryKey: 'far', path: 'a.txt', replayKey: null });
    expect(await get(a, 'far', 'a.txt')).toBe('newer');
  });

  it('ask only for what their patterns accept', async () => {
    await remoteRepository('far', { includesPattern: 'org/**', excludesPattern: '**/*.tmp' });
    upstream.set('/org/a.txt', 'a');
    expect(await Promise.all(['org/a.txt', 'com/a.txt', 'org/a.tmp'].map((path) => get(a, 'far', path)))).toEqual(['a', null, null]);
    expect(upstream.asked).toEqual(['GET /org/a.txt']);
  });
});

describe('virtual repositories', () => {
  it('answer from local members, then from what is cached, then from upstream', async () => {
    await remoteRepository('far');
    await local('near');
    await createRepository(a.content, principal, 'all', { rclass: 'virtual', packageType: 'generic', repositories: ['far', 'near'], defaultDeploymentRepo: 'near' });
    upstream.set('/a.txt', 'from afar');
    expect(await get(a, 'all', 'a.txt')).toBe('from afar');
    await put(b, 'all', 'a.txt', 'from here');
    expect(await Promise.all([get(a, 'all', 'a.txt'), get(b, 'all', 'a.txt'), get(a, 'near', 'a.txt'), get(b, 'far', 'a.txt')])).toEqual(['from here', 'from here', 'from here', 'from afar']);
    await expect(remove(a.content, { principal, repositoryKey: 'all', path: 'a.txt', replayKey: null })).rejects.toMatchObject({ code: 'REPOSITORY_READ_ONLY' });
    await remove(a.content, { principal, repositoryKey: 'near', path: 'a.txt', replayKey: null });
    expect(await get(b, 'all', 'a.txt')).toBe('from afar');
  });

  it('list what their members hold, and ask nobody for it', async () => {
    await remoteRepository('far');
    await local('near');
    await createRepository(a.content, principal, 'all', { rclass: 'virtual', packageType: 'generic', repositories: ['near', 'far'], excludesPattern: '**/*.tmp' });
    upstream.set('/x/far.txt', 'f');
    await get(a, 'all', 'x/far.txt');
    await put(a, 'near', 'x/near.txt', 'n');
    await put(a, 'near', 'x/not.tmp', 'n');
    await put(a, 'near', 'y/z.txt', 'n');
    expect(await storageInfo(b.content, principal, 'all', '')).toMatchObject({ children: [{ uri: '/x', folder: true }, { uri: '/y', folder: true }] });
    expect(await storageInfo(b.content, principal, 'all', 'x')).toMatchObject({ repo: 'all', children: [{ uri: '/far.txt', folder: false }, { uri: '/near.txt', folder: false }] });
    expect(await storageInfo(b.content, principal, 'all', 'x/far.txt')).toMatchObject({ repo: 'all', size: '1', checksums: { sha1: sha1('f') } });
    const { files } = await storageList(b.content, principal, 'all', '', { depth: 9, listFolders: false, mdTimestamps: false, includeRootPath: false });
    expect((await listed(files)).map(({ uri }) => uri)).toEqual(['/x/far.txt', '/x/near.txt', '/y/z.txt']);
    for (const path of ['', 'x/', 'w/']) expect((await resolve(a.content, principal, 'all', path)).kind).toBe('nothing');
    expect(upstream.asked).toEqual(['GET /x/far.txt']);
    expect(await lastModified(b.content, principal, 'all', 'x')).toMatchObject({ uri: expect.stringMatching(/\/all\/x\/near\.txt$/) as unknown });
    // through another virtual repository: what it keeps out is not there, unless it comes another way
    const shown = async (key: string): Promise<unknown> => {
      const list = await storageList(b.content, principal, key, 'x', { depth: 1, listFolders: false, mdTimestamps: false, includeRootPath: false });
      return [(await listed(list.files)).map(({ uri }) => uri), (await storageInfo(b.content, principal, key, 'x') as FolderInfo).children.map(({ uri }) => uri), await get(b, key, 'x/not.tmp')];
    };
    await createRepository(a.content, principal, 'outer', { rclass: 'virtual', packageType: 'generic', repositories: ['all'] });
    expect(await shown('outer')).toEqual([['/far.txt', '/near.txt'], ['/far.txt', '/near.txt'], null]);
    await createRepository(a.content, principal, 'both', { rclass: 'virtual', packageType: 'generic', repositories: ['all', 'near'] });
    expect(await shown('both')).toEqual([['/far.txt', '/near.txt', '/not.tmp'], ['/far.txt', '/near.txt', '/not.tmp'], 'n']);
  });

  it('have members that exist, of their own package type, and never themselves', async () => {
    await local('near');
    const virtual = (key: string, repositories: string[], more = {}): Promise<void> => createRepository(a.content, principal, key, { rclass: 'virtual', packageType: 'generic', repositories, ...more });
    await expect(virtual('v', ['nobody'])).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await expect(virtual('v', ['maven-releases'])).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await expect(virtual('v', ['v'])).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await expect(virtual('v', ['near'], { defaultDeploymentRepo: 'generic-local' })).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await virtual('v', ['near']);
    await virtual('w', ['v', 'generic-local']);
    await expect(changeRepository(a.content, principal, 'v', { repositories: ['near', 'w'] })).rejects.toMatchObject({ code: 'BODY_INVALID' });
    await put(a, 'near', 'a.txt', 'a');
    expect(await get(b, 'w', 'a.txt')).toBe('a');
    await expect(put(a, 'v', 'b.txt', 'b')).rejects.toMatchObject({ code: 'REPOSITORY_READ_ONLY' });
    await expect(removeRepository(a.content, principal, 'near')).rejects.toMatchObject({ code: 'REPOSITORY_IN_USE', details: { virtuals: ['v'] } });
    await removeRepository(a.content, principal, 'near', true);
    expect(await get(b, 'w', 'a.txt')).toBeNull();
    expect(repositoryJson((await findRepository(b.content.session.db, 'v'))!)).toMatchObject({ repositories: [] });
  });
});

describe('Maven', () => {
  const jar = (build: number): string => `g/a/1-SNAPSHOT/a-1-20260101.00000${String(build)}-${String(build)}.jar`;

  it('keeps so many builds of a snapshot as it is told, and takes checksum files as its policy says', async () => {
    await createRepository(a.content, principal, 'snaps', { packageType: 'maven', maxUniqueSnapshots: 2, checksumPolicyType: 'server-generated-checksums' });
    for (const build of [1, 2, 3]) {
      await put(build % 2 === 0 ? a : b, 'snaps', jar(build), `build ${String(build)}`);
      await put(a, 'snaps', jar(build).replace('.jar', '.pom'), `pom ${String(build)}`);
    }
    expect(await Promise.all([1, 2, 3].map((build) => get(b, 'snaps', jar(build))))).toEqual([null, 'build 2', 'build 3']);
    expect(await get(a, 'snaps', jar(1).replace('.jar', '.pom'))).toBeNull();
    expect(await get(b, 'snaps', 'g/a/1-SNAPSHOT/maven-metadata.xml')).toContain('<buildNumber>3</buildNumber>');
    await put(a, 'snaps', `${jar(3)}.sha1`, sha1('something else'));
    expect(await get(b, 'snaps', `${jar(3)}.sha1`)).toBe(sha1('build 3'));
    expect(repositoryJson((await findRepository(a.content.session.db, 'snaps'))!)).toMatchObject({ maxUniqueSnapshots: 2, checksumPolicyType: 'server-generated-checksums' });
  });

  it('gives the newest build of a snapshot under its plain name', async () => {
    await createRepository(a.content, principal, 'snaps', { packageType: 'maven' });
    await createRepository(a.content, principal, 'all', { rclass: 'virtual', packageType: 'maven', repositories: ['snaps'], defaultDeploymentRepo: 'snaps' });
    const plain = 'g/a/1-SNAPSHOT/a-1-SNAPSHOT.jar';
    expect(await get(b, 'all', plain)).toBeNull();
    for (const build of [1, 2]) {
      await put(a, 'snaps', jar(build), `build ${String(build)}`);
      for (const key of ['snaps', 'all']) expect([await get(b, key, plain), await get(b, key, `${plain}.sha1`)]).toEqual([`build ${String(build)}`, sha1(`build ${String(build)}`)]);
    }
    await put(b, 'all', jar(1).replace('.jar', '-sources.jar'), 'sources of 1');
    expect(await get(a, 'all', plain.replace('.jar', '-sources.jar'))).toBe('sources of 1');
    expect(await get(a, 'all', plain.replace('.jar', '-javadoc.jar'))).toBeNull();
    await remove(b.content, { principal, repositoryKey: 'snaps', path: jar(2), replayKey: null });
    expect(await get(a, 'all', plain)).toBe('build 1');
    // one of that very name is what it is
    await put(a, 'all', plain, 'by its own name');
    expect(await get(b, 'all', plain)).toBe('by its own name');
  });

  it('merges metadata of members, and sees a deploy in it at once', async () => {
    const metadata = (...versions: string[]): string => `<metadata><groupId>g</groupId><artifactId>a</artifactId><versioning><versions>${versions.map((each) => `<version>${each}</version>`).join('')}</versions></versioning></metadata>`;
    upstream.set('/g/a/maven-metadata.xml', metadata('1.0', '1.2'));
    await createRepository(a.content, principal, 'central', { rclass: 'remote', packageType: 'maven', url: upstream.url, allowPrivateAddresses: true });
    await createRepository(a.content, principal, 'libs', { packageType: 'maven' });
    await createRepository(a.content, principal, 'all', { rclass: 'virtual', packageType: 'maven', repositories: ['libs', 'central'], defaultDeploymentRepo: 'libs' });
    const versions = async (node: TestNode): Promise<string[]> => [...(await get(node, 'all', 'g/a/maven-metadata.xml') ?? '').matchAll(/<version>(.*?)<\/version>/g)].map((match) => match[1] ?? '');
    expect(await versions(a)).toEqual(['1.0', '1.2']);
    for (const version of ['1.1', '1.10', '1.3']) await put(b, 'all', `g/a/${version}/a-${version}.pom`, version);
    for (const node of [a, b]) expect(await versions(node)).toEqual(['1.0', '1.1', '1.2', '1.3', '1.10']);
    const text = await get(a, 'all', 'g/a/maven-metadata.xml') ?? '';
    expect(await get(b, 'all', 'g/a/maven-metadata.xml.sha1')).toBe(sha1(text));
    expect(upstream.count('/g/a/maven-metadata.xml')).toBe(1);
    upstream.set('/g/b/maven-metadata.xml', '<html>maintenance</html>');
    expect(await get(a, 'all', 'g/b/maven-metadata.xml')).toBeNull();
  });

  it('holds checksum files of upstream against what arrives, as the policy says', async () => {
    const remote = (key: string, policy: string): Promise<void> => createRepository(a.content, principal, key, {
      rclass: 'remote', packageType: 'maven', url: upstream.url, allowPrivateAddresses: true, hardFail: true, remoteRepoChecksumPolicyType: policy,
    });
    upstream.set('/g/a/1/a-1.jar', 'right');
    upstream.set('/g/a/1/a-1.jar.sha1', `${sha1('right')}  a-1.jar`);
    upstream.set('/g/a/2/a-2.jar', 'wrong');
    upstream.set('/g/a/2/a-2.jar.sha1', sha1('else'));
    upstream.set('/g/a/3/a-3.jar', 'bare');
    const outcome = async (key: string): Promise<(string | null)[]> => Promise.all(['1', '2', '3'].map((version) =>
      get(b, key, `g/a/${version}/a-${version}.jar`).catch((error: unknown) => (error as { code: string }).code)));
    await remote('default', 'generate-if-absent');
    await remote('strict', 'fail');
    await remote('lax', 'ignore-and-generate');
    expect(await outcome('default')).toEqual(['right', 'UPSTREAM_INVALID', 'bare']);
    expect(await outcome('strict')).toEqual(['right', 'UPSTREAM_INVALID', 'UPSTREAM_INVALID']);
    expect(await outcome('lax')).toEqual(['right', 'wrong', 'bare']);
  });

  it('asks upstream only for what its policy takes', async () => {
    await createRepository(a.content, principal, 'central', { rclass: 'remote', packageType: 'maven', url: upstream.url, allowPrivateAddresses: true, handleSnapshots: false });
    expect(await get(a, 'central', jar(1))).toBeNull();
    expect(await get(a, 'central', 'g/a/1-SNAPSHOT/maven-metadata.xml')).toBeNull();
    expect(upstream.asked).toEqual([]);
  });
});
