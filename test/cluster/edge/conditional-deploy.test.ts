import { createHash } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeZip } from '../../harness/archives.ts';
import { startLoneNode, type LoneNode } from './lone-node.ts';

let node: LoneNode;
beforeAll(async () => {
  node = await startLoneNode();
});
afterAll(() => node[Symbol.asyncDispose]());

const onlyNew = { headers: { 'if-none-match': '*' } };

test('a deploy that is to replace nothing replaces nothing', async () => {
  expect((await node.client.put('/generic-local/new.txt', 'first', onlyNew)).status).toBe(201);
  const refused = await node.client.put('/generic-local/new.txt', 'second', onlyNew);
  expect([refused.status, (refused.json() as { errors: { code: string }[] }).errors[0]?.code]).toEqual([412, 'PRECONDITION_FAILED']);
  expect((await node.client.get('/generic-local/new.txt')).text()).toBe('first');
  // without the header it is replaced as ever
  expect((await node.client.put('/generic-local/new.txt', 'second')).status).toBe(201);
  expect((await node.client.get('/generic-local/new.txt')).text()).toBe('second');
});

test('of many at once, one is first', async () => {
  const answers = await Promise.all(Array.from({ length: 12 }, (_, index) => node.client.put('/generic-local/race.txt', `of ${String(index)}`, onlyNew)));
  const won = answers.flatMap(({ status }, index) => (status === 201 ? [index] : []));
  expect(answers.map(({ status }) => status).filter((status) => status !== 201 && status !== 412)).toEqual([]);
  expect(won).toHaveLength(1);
  expect((await node.client.get('/generic-local/race.txt')).text()).toBe(`of ${String(won[0])}`);
});

test('what was changed meanwhile is neither replaced nor deleted by who has not seen it', async () => {
  await node.client.put('/generic-local/seen.txt', 'seen');
  const { headers: { etag } } = await node.client.get('/generic-local/seen.txt');
  const ifMatch = (tag: unknown): { headers: Record<string, string> } => ({ headers: { 'if-match': String(tag) } });
  expect((await node.client.put('/generic-local/seen.txt', 'second', ifMatch(etag))).status).toBe(201);
  const refused = await node.client.put('/generic-local/seen.txt', 'third', ifMatch(etag));
  expect([refused.status, refused.text()]).toEqual([412, expect.stringContaining('PRECONDITION_FAILED')]);
  expect((await node.client.request('/generic-local/seen.txt', { method: 'DELETE', ...ifMatch(etag) })).status).toBe(412);
  expect((await node.client.get('/generic-local/seen.txt')).text()).toBe('second');
  const racing = (await node.client.get('/generic-local/seen.txt')).headers['etag'];
  const answers = await Promise.all(Array.from({ length: 8 }, (_, index) => node.client.put('/generic-local/seen.txt', `racer ${String(index)}`, ifMatch(racing))));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 412)]);
  expect((await node.client.put('/generic-local/nothing.txt', 'x', ifMatch('*'))).status).toBe(412);
  expect((await node.client.get('/generic-local/nothing.txt')).status).toBe(404);
  expect((await node.client.request('/generic-local/seen.txt', { method: 'DELETE', ...ifMatch('*') })).status).toBe(204);
});

test('a file comes in under any name of a media type, and under none', async () => {
  for (const [index, type] of ['garbage', '', 'text/plain; charset', 'a/b/c', 'multipart/form-data', 'application/json', 'undefined', '*/*'].entries()) {
    const path = `/generic-local/types/${String(index)}.bin`;
    expect([type, (await node.client.put(path, '{not json', { headers: { 'content-type': type } })).status]).toEqual([type, 201]);
    expect((await node.client.get(path)).text()).toBe('{not json');
  }
});

test('a folder is made once, also where files have made it', async () => {
  expect((await node.client.put('/generic-local/made/', '', onlyNew)).status).toBe(201);
  expect((await node.client.put('/generic-local/made/', '', onlyNew)).status).toBe(412);
  expect((await node.client.put('/generic-local/made/', '')).status).toBe(201);
  await node.client.put('/generic-local/by-a-file/x.txt', 'x');
  expect((await node.client.put('/generic-local/by-a-file/', '', onlyNew)).status).toBe(412);
});

test('deploys by checksum replace nothing either', async () => {
  await node.client.put('/generic-local/known.txt', 'known');
  await node.client.put('/generic-local/taken.txt', 'taken');
  const byChecksum = { 'x-checksum-deploy': 'true', 'x-checksum-sha1': createHash('sha1').update('known').digest('hex') };
  const refused = await node.client.put('/generic-local/taken.txt', '', { headers: { ...onlyNew.headers, ...byChecksum } });
  expect(refused.status).toBe(412);
  expect((await node.client.get('/generic-local/taken.txt')).text()).toBe('taken');
  expect((await node.client.put('/generic-local/free.txt', '', { headers: { ...onlyNew.headers, ...byChecksum } })).status).toBe(201);
  expect((await node.client.put('/generic-local/taken.txt', '', { headers: byChecksum })).status).toBe(201);
});

test('an archive is unpacked only when none of its files is there', async () => {
  const explode = { 'x-explode-archive': 'true' };
  await node.client.put('/generic-local/unpacked/two.txt', 'before');
  const archive = makeZip([{ name: 'one.txt', content: 'one' }, { name: 'two.txt', content: 'two' }]);
  const refused = await node.client.put('/generic-local/unpacked/a.zip', archive, { headers: { ...onlyNew.headers, ...explode } });
  expect([refused.status, refused.text()]).toEqual([412, expect.stringContaining('PRECONDITION_FAILED')]);
  expect((await node.client.get('/generic-local/unpacked/one.txt')).status).toBe(404);
  expect((await node.client.get('/generic-local/unpacked/two.txt')).text()).toBe('before');
  expect((await node.client.put('/generic-local/fresh/a.zip', archive, { headers: { ...onlyNew.headers, ...explode } })).status).toBe(200);
  expect((await node.client.put('/generic-local/unpacked/a.zip', archive, { headers: explode })).status).toBe(200);
  expect((await node.client.get('/generic-local/unpacked/two.txt')).text()).toBe('two');
});

test('what has no ETag is deleted when it is there, and made or unpacked under no condition', async () => {
  const ifMatch = (tag: string, more: Record<string, string> = {}): { headers: Record<string, string> } => ({ headers: { 'if-match': tag, ...more } });
  await node.client.put('/generic-local/tagless/a.txt', 'a');
  const archive = makeZip([{ name: 'one.txt', content: 'one' }]);
  for (const [path, body, headers] of [
    ['tagless/', '', {}], ['tagless/b.zip', archive, { 'x-explode-archive': 'true' }], ['tagless/a.txt.sha1', createHash('sha1').update('a').digest('hex'), {}],
  ] as const) {
    const refused = await node.client.put(`/generic-local/${path}`, body, ifMatch('*', headers));
    expect([path, refused.status, refused.text()]).toEqual([path, 400, expect.stringContaining('If-Match is for')]);
  }
  expect((await node.client.get('/generic-local/tagless/one.txt')).status).toBe(404);
  for (const path of ['tagless', 'tagless/']) expect((await node.client.request(`/generic-local/${path}`, { method: 'DELETE', ...ifMatch('"of a file"') })).status).toBe(412);
  expect((await node.client.request('/generic-local/tagless', { method: 'DELETE', ...ifMatch('*') })).status).toBe(204);
  expect((await node.client.get('/generic-local/tagless/a.txt')).status).toBe(404);
});
