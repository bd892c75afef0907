import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Answer } from '../../harness/node-client.ts';
import { startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
const json = { 'content-type': 'application/json' };
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const files: Readonly<Record<string, string>> = {
  'one/a.jar': 'aaa', 'one/org/acme/1.0/lib-1.0.jar;kind=jar;stage=test': 'a library', 'one/org/acme/1.0/lib-1.0.pom;kind=pom': '<pom/>',
  'one/org/acme/1.1/lib-1.1.jar;kind=jar': 'a longer library', 'one/org/Acme/Lib.JAR': 'other case', 'one/.hidden/x_y.txt': 'x', 'two/org/acme/1.0/lib-1.0.jar': 'a library', 'secret/key.txt': 'secret',
};
const bob = { user: 'bob', password: 'a long enough password' };

beforeAll(async () => {
  node = await startLoneNode();
  for (const key of ['one', 'two', 'secret']) await node.client.put(`/api/repositories/${key}`, JSON.stringify({ rclass: 'local', packageType: 'generic' }), { headers: json });
  await node.client.put('/api/repositories/both', JSON.stringify({ rclass: 'virtual', packageType: 'generic', repositories: ['one', 'two'] }), { headers: json });
  for (const [path, body] of Object.entries(files)) expect((await node.client.put(`/${path}`, body)).status).toBe(201);
  expect((await node.client.put('/one/empty/', '')).status).toBe(201);
  await node.client.put('/api/security/users/bob', JSON.stringify({ password: bob.password, role: 'user' }), { headers: json });
  await node.client.put('/api/v2/security/permissions/team', JSON.stringify({ repo: { repositories: ['one', 'two'], 'exclude-patterns': ['org/acme/1.1/**'], actions: { users: { bob: ['read'] } } } }), { headers: json });
});
afterAll(() => node[Symbol.asyncDispose]());

const ask = (query: string, headers: Readonly<Record<string, string>> = { 'content-type': 'text/plain' }, as?: typeof bob): Promise<Answer> =>
  node.client.request('/api/search/aql', { method: 'POST', body: query, headers, ...(as === undefined ? {} : { as }) });
interface Item { readonly repo: string; readonly path: string; readonly name: string; readonly [field: string]: unknown }
async function items(query: string, as?: typeof bob): Promise<Item[]> {
  const answer = await ask(query, undefined, as);
  expect([query, answer.status, answer.text()]).toEqual([query, 200, answer.text()]);
  return (answer.json() as { results: Item[] }).results;
}
async function found(criteria: unknown, as?: typeof bob): Promise<string[]> {
  return (await items(`items.find(${JSON.stringify(criteria)})`, as)).map(({ repo, path, name }) => `${repo}/${path === '.' ? '' : `${path}/`}${name}`);
}

test('answers what the JFrog command line asks, with checksums and properties', async () => {
  const asked = 'items.find({"$or":[{"$and":[{"repo":"one","path":{"$match":"org/*"},"name":{"$match":"*.jar"}}]}]}).include("name","repo","path","actual_md5","actual_sha1","sha256","size","type","modified","created","property")';
  const [first, ...others] = await items(asked);
  expect(first).toEqual({
    name: 'lib-1.0.jar', repo: 'one', path: 'org/acme/1.0', size: 9, type: 'file', sha256: sha256('a library'),
    actual_sha1: createHash('sha1').update('a library').digest('hex'), actual_md5: createHash('md5').update('a library').digest('hex'),
    modified: expect.stringMatching(/^\d{4}-.*Z$/) as string, created: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    properties: [{ key: 'kind', value: 'jar' }, { key: 'stage', value: 'test' }],
  });
  expect(others.map(({ name }) => name)).toEqual(['lib-1.1.jar']);
  for (const type of ['application/x-www-form-urlencoded', 'application/json', 'application/octet-stream']) expect((await ask('items.find()', { 'content-type': type })).status).toBe(200);
});

test('compares every field, case and all', async () => {
  const jars = ['one/org/acme/1.0/lib-1.0.jar', 'one/org/acme/1.1/lib-1.1.jar'];
  expect(await found({ repo: 'one', path: '.' })).toEqual(['one/a.jar']);
  expect(await found({ repo: 'one', path: 'org/acme/1.0' })).toEqual(['one/org/acme/1.0/lib-1.0.jar', 'one/org/acme/1.0/lib-1.0.pom']);
  expect(await found({ repo: 'one', path: { $match: '.*' } })).toEqual(['one/.hidden/x_y.txt', 'one/a.jar']);
  expect(await found({ name: 'lib-1.0.jar' })).toEqual(['one/org/acme/1.0/lib-1.0.jar', 'two/org/acme/1.0/lib-1.0.jar']);
  expect(await found({ name: { $match: '*.JAR' } })).toEqual(['one/org/Acme/Lib.JAR']);
  expect(await found({ name: { $match: 'x?y.txt' } })).toEqual(['one/.hidden/x_y.txt']);
  expect(await found({ name: { $nmatch: '*.jar' }, repo: 'one' })).toEqual(['one/.hidden/x_y.txt', 'one/org/Acme/Lib.JAR', 'one/org/acme/1.0/lib-1.0.pom']);
  expect(await found({ name: 'x%y.txt' })).toEqual([]);
  expect(await found({ repo: { $match: 't*' } })).toEqual(['two/org/acme/1.0/lib-1.0.jar']);
  expect(await found({ repo: { $nmatch: '*o*' }, name: 'key.txt' })).toEqual(['secret/key.txt']);
  expect(await found({ repo: 'both', name: { $match: 'lib-1.0.j*' } })).toEqual(['one/org/acme/1.0/lib-1.0.jar', 'two/org/acme/1.0/lib-1.0.jar']);
  expect(await found({ repo: 'one', size: { $gt: '9', $lte: 16 } })).toEqual(['one/org/Acme/Lib.JAR', 'one/org/acme/1.1/lib-1.1.jar']);
  expect(await found({ depth: 1, repo: 'one' })).toEqual(['one/a.jar']);
  expect(await found({ sha256: sha256('aaa') })).toEqual(['one/a.jar']);
  expect(await found({ sha256: { $match: `${sha256('aaa').slice(0, 10)}*` } })).toEqual(['one/a.jar']);
  expect(await found({ '@kind': 'jar' })).toEqual(jars);
  expect(await found({ '@kind': { $match: '?ar' }, '@stage': { $ne: 'test' } })).toEqual(['one/org/acme/1.1/lib-1.1.jar']);
  expect(await found({ '@*': 'test' })).toEqual(['one/org/acme/1.0/lib-1.0.jar']);
  expect(await found({ 'property.key': { $match: 'st*' } })).toEqual(['one/org/acme/1.0/lib-1.0.jar']);
  expect(await found({ repo: 'two', '@kind': { $ne: 'jar' } })).toEqual(['two/org/acme/1.0/lib-1.0.jar']);
  expect(await found({ created: { $last: '1d' }, repo: 'two' })).toHaveLength(1);
  expect(await found({ created: { $before: '1d' } })).toEqual([]);
  expect(await found({ modified: { $gt: '2020-01-01T00:00:00.000Z', $lt: '2021-01-01' } })).toEqual([]);
  expect(await found({ created_by: 'admin', repo: 'two' })).toHaveLength(1);
  expect(await found({ repo: 'one', type: 'folder' })).toEqual(['one/empty']);
  expect(await found({ repo: 'one', type: 'any' })).toHaveLength(7);
  expect(await found({ repo: 'one' })).toHaveLength(6);
  expect(await found({ $or: [{ name: 'a.jar' }, { $and: [{ repo: 'two' }, { depth: { $gte: 2 } }] }] })).toEqual(['one/a.jar', 'two/org/acme/1.0/lib-1.0.jar']);
  expect(await found({ $or: [] })).toEqual([]);
});

test('sorts, skips and limits, and tells the range', async () => {
  const answer = (await ask('items.find({"repo":"one","@kind":{"$match":"*"}}) .include("name", "size")\n.sort({"$desc":["size","name"]}).offset(1).limit(1)')).json();
  expect(answer).toEqual({ results: [{ name: 'lib-1.0.jar', size: 9 }], range: { start_pos: 1, end_pos: 2, total: 1, limit: 1 } });
  expect((await items('items.find({"repo":"one"}).sort({"$asc":["size","name"]}).limit(2)')).map(({ name }) => name)).toEqual(['x_y.txt', 'a.jar']);
});

test('knows what was downloaded, when and by whom', async () => {
  for (let time = 0; time < 3; time += 1) expect((await node.client.get('/one/org/acme/1.0/lib-1.0.pom')).status).toBe(200);
  expect((await node.client.request('/one/org/acme/1.0/lib-1.0.jar', { method: 'GET', as: bob })).status).toBe(200);
  const [jar, pom] = ['one/org/acme/1.0/lib-1.0.jar', 'one/org/acme/1.0/lib-1.0.pom'];
  const within = { repo: 'one', path: 'org/acme/1.0' };
  expect(await found({ ...within, 'stat.downloads': { $gt: 0 } })).toEqual([jar, pom]);
  expect(await found({ ...within, 'stat.downloads': { $gte: '3' } })).toEqual([pom]);
  expect(await found({ repo: 'one', 'stat.downloads': { $eq: null }, name: { $match: '*.j*' } })).toEqual(['one/a.jar', 'one/org/acme/1.1/lib-1.1.jar']);
  expect(await found({ repo: 'one', 'stat.downloads': 0, name: { $match: '*.j*' } })).toEqual(['one/a.jar', 'one/org/acme/1.1/lib-1.1.jar']);
  expect(await found({ repo: 'one', 'stat.downloaded': { $ne: null } })).toEqual([jar, pom]);
  expect(await found({ repo: 'one', 'stat.downloaded': { $last: '1d' } })).toEqual([jar, pom]);
  expect(await found({ repo: 'one', 'stat.downloaded': { $before: '1d' } })).toEqual([]);
  expect(await found({ repo: 'one', 'stat.downloaded_by': 'bob' })).toEqual([jar]);
  expect(await found({ ...within, 'stat.downloaded_by': { $nmatch: 'b*' } })).toEqual([pom]);
  const downloaded = expect.stringMatching(/^\d{4}-.*Z$/) as string;
  const never = 'items.find({"repo":"one","name":{"$match":"*.??r"}}).include("name","stat").sort({"$desc":["stat.downloads","name"]})';
  expect(await items(never)).toEqual([
    { name: 'lib-1.0.jar', stats: [{ downloads: 1, downloaded, downloaded_by: 'bob' }] }, { name: 'lib-1.1.jar', stats: [{ downloads: 0 }] }, { name: 'a.jar', stats: [{ downloads: 0 }] },
  ]);
  expect(await items('items.find({"repo":"one","@kind":"pom"}).include("name","stat.downloads","@kind")')).toEqual([{ name: 'lib-1.0.pom', stats: [{ downloads: 3 }], properties: [{ key: 'kind', value: 'pom' }] }]);
});

test('finds what nobody uses any more, and what was used in a span of time', async () => {
  const uris = async (query: string): Promise<string[]> => {
    const answer = await node.client.get(`/api/search/${query}&repos=one`);
    expect([query, answer.status]).toEqual([query, 200]);
    return (answer.json() as { results: { uri: string; lastDownloaded?: string }[] }).results.map(({ uri, lastDownloaded }) => `${uri.slice(uri.lastIndexOf('/') + 1)}${lastDownloaded === undefined ? '' : ' used'}`);
  };
  const soon = Date.now() + 60_000;
  expect(await uris(`usage?notUsedSince=${String(soon)}`)).toEqual(['x_y.txt', 'a.jar', 'Lib.JAR', 'lib-1.0.jar used', 'lib-1.0.pom used', 'lib-1.1.jar']);
  expect(await uris(`usage?notUsedSince=${String(soon - 120_000)}&createdBefore=${String(soon)}`)).toEqual(['x_y.txt', 'a.jar', 'Lib.JAR', 'lib-1.1.jar']);
  expect(await uris(`usage?notUsedSince=${String(soon - 120_000)}`)).toEqual([]);
  expect(await uris('dates?dateFields=lastDownloaded&from=2020-01-01T00:00:00Z')).toEqual(['lib-1.0.jar used', 'lib-1.0.pom used']);
  expect(await uris('dates?dateFields=lastDownloaded,created&from=2020-01-01T00:00:00Z')).toHaveLength(6);
});

test('tells nobody of what may not be read, in items, properties or numbers', async () => {
  expect(await found({ name: 'key.txt' }, bob)).toEqual([]);
  expect(await found({ '@kind': 'jar' }, bob)).toEqual(['one/org/acme/1.0/lib-1.0.jar']);
  expect((await ask('items.find({"@kind":"jar"}).limit(1).offset(1)', undefined, bob)).json()).toMatchObject({ results: [], range: { total: 0 } });
  await node.client.request('/two/org/acme/1.0/lib-1.0.jar', { method: 'DELETE' });
  expect(await found({ name: 'lib-1.0.jar' })).toEqual(['one/org/acme/1.0/lib-1.0.jar']);
});

test.each([
  '', 'items', 'items.find', 'items.find(', 'items.find({)', 'items.find({"name":"a)', 'items.find({"name":"a"}', 'items.find([1])', 'items.find({}).nothing()', 'items.find({}) or 1=1', 'items.find({},{})',
  'builds.find({})', 'items.find({"stat.downloads":{"$match":"1*"}})', 'items.find({"stat.downloads":"many"})', 'items.find({"stat.remote_downloads":1})', 'items.find({"stat.downloads":{"$gt":null}})', 'items.find({"stat.downloaded":{"$last":"long"}})', 'items.find({"archive.entry.name":"x"})', 'items.find({"$msp":[{"@a":"b"}]})', 'items.find({"nothing":"a"})', 'items.find({"__proto__":"a"})', 'items.find({"constructor":"a"})',
  'items.find({"name":{"$like":"a"}})', 'items.find({"name":["a"]})', 'items.find({"name":null})', 'items.find({"size":"big"})', 'items.find({"created":{"$gt":"yesterday"}})', 'items.find({"created":{"$last":"5 fortnights"}})',
  'items.find({"created":{"$match":"2*"}})', 'items.find({"type":"link"})', 'items.find({"@":"a"})', 'items.find({"name":"a\\u0000"})', 'items.find().include("stat.nothing")', 'items.find().sort({"$asc":["stat.downloads"]})', 'items.find().include()', 'items.find().sort({"$asc":["sha256"]})',
  'items.find().sort({"$up":["name"]})', 'items.find().limit(-1)', 'items.find().limit("1")', 'items.find().limit(1).limit(2)', 'items.find().distinct(false)', `items.find(${'{"$and":['.repeat(500)}{}${']}'.repeat(500)})`,
  `items.find({"$or":[${'{"name":"a"},'.repeat(1500)}{"name":"b"}]})`,
])('refuses %s', async (query) => {
  const answer = await ask(query);
  expect([answer.status, answer.text()]).toEqual([400, expect.stringMatching(/PARAMETER_INVALID|BODY_INVALID/)]);
});

