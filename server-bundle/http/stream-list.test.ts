import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { streamList } from './stream-list.ts';

async function* from<T>(items: readonly T[]): AsyncGenerator<T> {
  for (const item of items) yield await Promise.resolve(item);
}

test.each([0, 1, 2, 5000])('writes %i entries as JSON.stringify does', async (count) => {
  const files = Array.from({ length: count }, (_, number) => ({ uri: `/a "${String(number)}"\n`, size: number, more: { list: [1, []] } }));
  expect(await text(streamList({ uri: 'x', created: 'y' }, 'files', from(files)))).toBe(JSON.stringify({ uri: 'x', created: 'y', files }, null, 2));
});

test('a list that breaks off breaks the answer off', async () => {
  const broken = async function* (): AsyncGenerator<number> {
    yield await Promise.resolve(1);
    throw new Error('the database is gone');
  };
  await expect(text(streamList({}, 'files', broken()))).rejects.toThrow('the database is gone');
});

test('nothing more is read when nobody takes it', async () => {
  let read = 0;
  const endless = async function* (): AsyncGenerator<string> {
    for (;;) {
      read += 1;
      yield await Promise.resolve('x'.repeat(100_000));
    }
  };
  const stream = streamList({}, 'files', endless());
  await new Promise((resolve) => stream.once('readable', resolve));
  const before = read;
  for (let turn = 0; turn < 100; turn += 1) await new Promise(setImmediate);
  expect(read - before).toBeLessThan(3);
  stream.destroy();
});
