import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTar, makeTgz, makeZip, type MadeEntry } from '../../harness/archives.ts';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import type { Answer, NodeClient } from '../../harness/node-client.ts';

let cluster: TestCluster;
const reader = { user: 'rita', password: 'a long password' };
beforeAll(async () => {
  cluster = await startCluster({ balancer: false, config: { http: { trustedProxies: ['127.0.0.1'] } } });
  expect((await node(0).request('/api/security/users/rita', { method: 'PUT', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ password: reader.password, role: 'reader' }) })).status).toBe(201);
});
afterAll(() => cluster.stop());

const node = (index: number): NodeClient => cluster.nodes[index % cluster.nodes.length]!.client;
const explode = (index: number, path: string, bytes: Buffer, headers: Record<string, string> = {}, as = cluster.admin): Promise<Answer> =>
  node(index).put(`/${path}`, bytes, { headers: { 'x-explode-archive': 'true', ...headers }, as });
const codeOf = (answer: Answer): [number, string | undefined] => [answer.status, (answer.json() as { errors?: { code: string }[] }).errors?.[0]?.code];
const filesIn = async (folder: string): Promise<string[]> => {
  const answer = await node(1).get(`/api/storage/generic-local/${folder}?list&deep=1`);
  return answer.status === 404 ? [] : (answer.json() as { files: { uri: string }[] }).files.map(({ uri }) => uri);
};
const onDisk = async (folder: string): Promise<number> =>
  (await readdir(join(cluster.filestore, folder), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;

const entries: MadeEntry[] = [{ name: 'a/', type: '5' }, { name: 'a/one.txt', content: 'one' }, { name: 'a/same.txt', content: 'one' }, { name: 'two.bin', content: randomBytes(700_000) }];

describe.each([['zip', makeZip], ['tar', makeTar], ['tar.gz', makeTgz], ['tgz', makeTgz]] as const)('a %s', (extension, make) => {
  it('is deployed as the files in it, on every node', async () => {
    const folder = `exploded-${extension}`;
    const answer = await explode(0, `generic-local/${folder}/it.${extension};build.name=x`, make(entries), { 'x-explode-archive-atomic': 'true' });
    expect(answer.status, answer.text()).toBe(200);
    expect(answer.json()).toMatchObject({ repo: 'generic-local', path: `/${folder}/`, files: 3 });
    expect(await filesIn(folder)).toEqual(['/a/one.txt', '/a/same.txt', '/two.bin']);
    for (let index = 0; index < 3; index += 1) {
      expect((await node(index).get(`/generic-local/${folder}/a/one.txt`)).text()).toBe('one');
      expect((await node(index).get(`/generic-local/${folder}/two.bin`)).body.equals(entries[3]!.content as Buffer)).toBe(true);
    }
    expect((await node(2).get(`/api/storage/generic-local/${folder}/two.bin?properties`)).json()).toMatchObject({ properties: { 'build.name': ['x'] } });
  });

  it('gives its entries one by one', async () => {
    const path = `/generic-local/kept/it.${extension}`;
    expect((await node(0).put(path, make(entries))).status).toBe(201);
    const one = await node(1).get(`${path}!/a/one.txt`);
    expect([one.status, one.text(), one.headers['content-type'], one.headers['content-length']]).toEqual([200, 'one', 'text/plain', '3']);
    const head = await node(2).request(`${path}!/two.bin`, { method: 'HEAD' });
    expect([head.status, head.body.length, head.headers['content-length']]).toEqual([200, 0, '700000']);
    expect((await node(2).get(`${path}!/two.bin`)).body.equals(entries[3]!.content as Buffer)).toBe(true);
    expect(codeOf(await node(0).get(`${path}!/a/none.txt`))).toEqual([404, 'ARCHIVE_ENTRY_NOT_FOUND']);
    expect(codeOf(await node(0).get(`${path}!/a`))).toEqual([404, 'ARCHIVE_ENTRY_NOT_FOUND']);
    expect((await node(0).get(`${path}!/a/one.txt`, { as: null })).status).toBe(401);
  });
});

it('tells an archive from a folder whose name ends like one, and takes names that have to be encoded', async () => {
  const odd: MadeEntry[] = [{ name: 'a b/c d.txt', content: 'spaces' }, { name: 'x!/y+z.txt', content: 'marks' }];
  expect((await node(0).put('/generic-local/odd!/it.zip', makeZip(odd))).status).toBe(201);
  expect((await node(1).get('/generic-local/odd!/it.zip!/a%20b/c%20d.txt')).text()).toBe('spaces');
  expect((await node(2).get('/generic-local/odd!/it.zip!/x!/y%2Bz.txt')).text()).toBe('marks');
  expect(codeOf(await node(0).get('/generic-local/odd!/nothing.txt!/x'))).toEqual([404, 'ARTIFACT_NOT_FOUND']);
});

it('gives an entry of an archive that holds links, and names that lead elsewhere, as well', async () => {
  const outside: MadeEntry = { name: '../outside.txt', content: 'x' };
  const link: MadeEntry = { name: 'bin/tool', type: '2', mode: 0o120777 };
  const wanted: MadeEntry = { name: 'README.md', content: 'read me' };
  for (const [extension, make] of [['zip', makeZip], ['tar.gz', makeTgz]] as const) {
    const path = `/generic-local/linked/it.${extension}`;
    expect((await node(0).put(path, make([link, outside, wanted]))).status).toBe(201);
    expect((await node(1).get(`${path}!/README.md`)).text()).toBe('read me');
    expect(codeOf(await node(2).get(`${path}!/bin/tool`))).toEqual([404, 'ARCHIVE_ENTRY_NOT_FOUND']);
  }
});

it('stores nothing of an archive that is an attack', async () => {
  const before = [await onDisk('blobs'), await onDisk('staging')];
  const good: MadeEntry = { name: 'good.txt', content: 'good and new' };
  const bomb = makeZip([{ name: 'zeros', content: Buffer.alloc(150_000_000) }]);
  const attacks: [string, Buffer, number, string][] = [
    ['escape.zip', makeZip([good, { name: '../up.txt', content: 'x' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['escape.tar', makeTar([good, { name: '../up.txt', content: 'x' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['absolute.tgz', makeTgz([good, { name: '/etc/cron.d/x', content: 'x' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['link.tar', makeTar([good, { name: 'link', type: '2' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['hard-link.tgz', makeTgz([good, { name: 'link', type: '1' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['device.tar', makeTar([good, { name: 'device', type: '4' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['link.zip', makeZip([good, { name: 'link', content: '/etc/passwd', mode: 0o120777 }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['twice.zip', makeZip([good, { name: 'x', content: '1' }, { name: 'x', content: '2' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['below-a-file.tar', makeTar([good, { name: 'x', content: '1' }, { name: 'x/y', content: '2' }]), 400, 'ARCHIVE_ENTRY_REFUSED'],
    ['many.zip', makeZip(Array.from({ length: 10_001 }, (_, n) => ({ name: `d${String(n)}/` }))), 413, 'ARCHIVE_TOO_LARGE'],
    ['bomb.zip', bomb, 413, 'ARCHIVE_TOO_LARGE'],
    ['bomb.tgz', makeTgz([good, { name: 'zeros', content: Buffer.alloc(150_000_000) }]), 413, 'ARCHIVE_TOO_LARGE'],
    ['deep.tar', makeTar([good, { name: `${'d/'.repeat(48)}x`, content: 'x' }]), 414, 'PATH_TOO_LONG'],
    ['damaged.zip', makeZip([good, { name: 'x', content: 'x', declared: { crc: 7 } }]), 400, 'ARCHIVE_INVALID'],
    ['cut.tgz', makeTgz([good, { name: 'x', content: randomBytes(5000) }]).subarray(0, 3000), 400, 'ARCHIVE_INVALID'],
    ['text.zip', Buffer.from('this is no archive'), 400, 'ARCHIVE_INVALID'],
    ['text.txt', makeZip([good]), 400, 'ARCHIVE_INVALID'],
  ];
  const deep = 'l/'.repeat(480);
  for (const [index, [name, bytes, status, code]] of attacks.entries()) {
    const folder = name.startsWith('deep') ? `attack/${deep}` : 'attack/';
    expect(codeOf(await explode(index, `generic-local/${folder}${name}`, bytes)), name).toEqual([status, code]);
    expect(await filesIn('attack'), name).toEqual([]);
  }
  expect([await onDisk('blobs'), await onDisk('staging')]).toEqual(before);
  expect(await filesIn('')).not.toContain('/up.txt');
});

it('needs the rights of each deploy, keeps what stands in the way, and answers a replay as the first time', async () => {
  expect(codeOf(await explode(0, 'generic-local/rights/a.zip', makeZip([{ name: 'x', content: 'x' }]), {}, reader))).toEqual([403, 'FORBIDDEN']);
  expect((await node(0).put('/generic-local/taken/a', 'a file')).status).toBe(201);
  expect(codeOf(await explode(1, 'generic-local/taken/it.zip', makeZip([{ name: 'new.txt', content: 'n' }, { name: 'a/b', content: 'x' }])))).toEqual([409, 'PATH_CONFLICT']);
  expect(await filesIn('taken')).toEqual(['/a']);
  const replayed = { 'x-bulkhead-request-id': 'explode-1' };
  expect((await explode(0, 'generic-local/replayed/it.zip', makeZip([{ name: 'x', content: 'first' }]), replayed)).status).toBe(200);
  expect((await node(1).put('/generic-local/replayed/x', 'second')).status).toBe(201);
  expect((await explode(2, 'generic-local/replayed/it.zip', makeZip([{ name: 'x', content: 'first' }]), replayed)).status).toBe(200);
  expect((await node(0).get('/generic-local/replayed/x')).text()).toBe('second');
  expect(codeOf(await explode(0, 'maven-releases/org/acme/lib/1.0-SNAPSHOT/a.zip', makeZip([{ name: 'lib-1.0-SNAPSHOT.jar', content: 'x' }])))).toEqual([409, 'LAYOUT_VIOLATION']);
});
