import { Readable } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { contentCluster, type ContentCluster, type TestNode } from '../../../test/harness/content-session.ts';
import { startPostgres, type TestPostgres } from '../../../test/harness/postgres.ts';
import type { Principal } from '../../security/principal.ts';
import { deploy } from '../deploy.ts';
import { makeFolder } from '../folder-marker.ts';
import { remove } from '../remove.ts';
import { transfer } from '../transfer.ts';
import { annotate } from './annotate.ts';
import { parsePropertyString } from './property-string.ts';
import { readProperties } from './read-properties.ts';
import { matches, resolveRestricted } from './restricted-resolution.ts';

const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
const reader: Principal = { name: 'rita', role: 'reader', via: 'password' };
const repositoryKey = 'generic-local';
const replayKey = null;
let postgres: TestPostgres;
let cluster: ContentCluster;
let node: TestNode;

beforeAll(async () => { postgres = await startPostgres(); });
afterAll(async () => { await postgres.stop(); });
beforeEach(async () => {
  cluster = await contentCluster(postgres);
  node = await cluster.addNode();
  return async () => { await cluster[Symbol.asyncDispose](); };
});

const put = (path: string, bytes: string, properties = ''): Promise<unknown> => deploy(node.content, {
  principal, repositoryKey, path, declared: { md5: null, sha1: null, sha256: null }, replayKey, properties: parsePropertyString(properties),
}, Readable.from([Buffer.from(bytes)]));
const set = (path: string, properties: string, options: { recursive?: boolean; remove?: string[]; as?: Principal } = {}): Promise<unknown> => annotate(node.content, {
  principal: options.as ?? principal, repositoryKey, path, recursive: options.recursive ?? true, set: parsePropertyString(properties), remove: options.remove ?? [], replayKey,
});
const read = async (path: string, ...names: string[]): Promise<unknown> => {
  try {
    return (await readProperties(node.content, reader, repositoryKey, path, names)).properties;
  } catch (error) {
    return (error as { code?: string }).code;
  }
};
const rows = async (): Promise<unknown> => (await postgres.query('select count(*)::int as count from artifact_property', cluster.database))[0]?.['count'];
const change = (operation: 'copy' | 'move', from: string, to: string): Promise<unknown> => transfer(node.content, {
  principal, operation, from: { repositoryKey, path: from }, to: { repositoryKey, path: to }, dryRun: false, replayKey,
});

it('keeps what a deploy says, adds to it, replaces by name and removes by name', async () => {
  await put('a/b.txt', 'one', 'os=linux|qa=ok');
  expect(await read('a/b.txt')).toEqual({ os: ['linux'], qa: ['ok'] });
  await set('a/b.txt', 'os=mac,bsd|x=1');
  expect(await read('a/b.txt')).toEqual({ os: ['bsd', 'mac'], qa: ['ok'], x: ['1'] });
  expect(await read('a/b.txt', 'x', 'y')).toEqual({ x: ['1'] });
  await set('a/b.txt', '', { remove: ['os', 'never'] });
  expect(await read('a/b.txt')).toEqual({ qa: ['ok'], x: ['1'] });
  expect(await read('a/b.txt', 'os')).toBe('PROPERTIES_NOT_FOUND');
  expect(await read('a/c.txt')).toBe('ARTIFACT_NOT_FOUND');
});

it('drops them when other content takes the path, and keeps them when the same comes again', async () => {
  await put('a.txt', 'one', 'os=linux');
  await put('a.txt', 'one', 'qa=ok');
  expect(await read('a.txt')).toEqual({ os: ['linux'], qa: ['ok'] });
  await put('a.txt', 'two', 'build=2');
  expect(await read('a.txt')).toEqual({ build: ['2'] });
});

it('annotates folders with everything in them, or alone', async () => {
  await put('lib/x/1/a.txt', 'a');
  await put('lib/b.txt', 'b');
  await put('library/c.txt', 'c');
  await set('lib', 'team=core');
  for (const path of ['lib', 'lib/', 'lib/x', 'lib/x/1', 'lib/x/1/a.txt', 'lib/b.txt']) expect(await read(path), path).toEqual({ team: ['core'] });
  expect(await read('library/c.txt')).toBe('PROPERTIES_NOT_FOUND');
  await set('lib/x', 'only=folder', { recursive: false });
  expect(await read('lib/x')).toEqual({ only: ['folder'], team: ['core'] });
  expect(await read('lib/x/1/a.txt')).toEqual({ team: ['core'] });
  await set('lib', '', { remove: ['team'] });
  expect(await rows()).toBe(1);
});

it('takes them along with copy and move, and away with a delete', async () => {
  await put('from/a.txt', 'a', 'os=linux');
  await set('from', 'kind=folder', { recursive: false });
  await put('to/a.txt', 'old', 'stale=1');
  await change('copy', 'from/a.txt', 'to/a.txt');
  expect(await read('to/a.txt')).toEqual({ os: ['linux'] });
  await change('move', 'from', 'moved');
  expect(await read('moved')).toEqual({ kind: ['folder'] });
  expect(await read('moved/a.txt')).toEqual({ os: ['linux'] });
  expect(await read('from')).toBe('ARTIFACT_NOT_FOUND');
  expect(await rows()).toBe(3);
  for (const path of ['moved', 'to/a.txt']) await remove(node.content, { principal, repositoryKey, path, replayKey, permanent: true });
  expect(await rows()).toBe(0);
});

it('refuses who may not annotate, and changes nothing when an item would have too many', async () => {
  await put('a.txt', 'a');
  await expect(set('a.txt', 'x=1', { as: reader })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const many = (start: number): string => `n${String(start)}=${Array.from({ length: 1000 }, (_, n) => String(n)).join(',')}`;
  await set('a.txt', many(1));
  await set('a.txt', many(2));
  await expect(set('a.txt', 'one.more=1')).rejects.toMatchObject({ code: 'PROPERTY_INVALID' });
  expect(await rows()).toBe(2000);
  await makeFolder(node.content, { principal, repositoryKey, path: 'empty/', replayKey });
  await set('empty', 'x=1');
  expect(await read('empty')).toEqual({ x: ['1'] });
});

it('restricts downloads as Artifactory does', async () => {
  await put('a.txt', 'a', 'color=black,white');
  const find = async (wanted: string, mandatory: string[] = [], path = 'a.txt'): Promise<string> => {
    const restriction = { properties: parsePropertyString(wanted), mandatory: new Set(mandatory) };
    return resolveRestricted(node.content, reader, repositoryKey, path, restriction).then((found) => found.kind, (error: unknown) => String((error as { code?: string }).code));
  };
  expect(await find('color=black')).toBe('file');
  expect(await find('color=black,white')).toBe('file');
  expect(await find('color=red')).toBe('ARTIFACT_NOT_FOUND');
  expect(await find('size=1')).toBe('file');
  expect(await find('size=1', ['size'])).toBe('ARTIFACT_NOT_FOUND');
  expect(await find('color=black', ['color'])).toBe('file');
  expect(await find('color=red', [], 'a.txt.sha1')).toBe('ARTIFACT_NOT_FOUND');
  expect(matches({ properties: new Map([['a', ['1']]]), mandatory: new Set() }, new Map())).toBe(true);
});
