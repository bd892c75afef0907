import { afterAll, beforeAll, expect, test } from 'vitest';
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
