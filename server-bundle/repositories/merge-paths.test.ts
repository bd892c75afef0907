import { expect, test } from 'vitest';
import { listed } from '../../test/harness/listed.ts';
import { merged } from './merge-paths.ts';

interface Entry { readonly path: string; readonly from: string }

let taken = 0;
let closed = 0;
async function* list(from: string, paths: readonly string[]): AsyncGenerator<Entry> {
  try {
    for (const path of paths) {
      taken += 1;
      yield await Promise.resolve({ path, from });
    }
  } finally {
    closed += 1;
  }
}

test('one list by path, in which the first list that has a path is believed', async () => {
  const all = await listed(merged([list('a', ['b', 'd', 'z']), list('b', []), list('c', ['a', 'b', 'd/e', 'z', 'zz'])]));
  expect(all.map(({ path, from }) => `${path} ${from}`)).toEqual(['a c', 'b a', 'd a', 'd/e c', 'z a', 'zz c']);
  expect(await listed(merged([]))).toEqual([]);
  expect(await listed(merged([list('a', ['x', 'y'])]))).toHaveLength(2);
});

test('as the database orders paths, by their bytes', async () => {
  // U+FF01 comes before U+1F600 in UTF-8, and behind it in UTF-16
  const all = await listed(merged([list('a', ['！', '😀']), list('b', ['！', '😀'])]));
  expect(all.map(({ path, from }) => `${path} ${from}`)).toEqual(['！ a', '😀 a']);
});

test('reads no further than what is taken, and closes what it read from', async () => {
  taken = closed = 0;
  const many = Array.from({ length: 100 }, (_, number) => String(number).padStart(3, '0'));
  for await (const { path } of merged([list('a', many), list('b', many)])) if (path === '004') break;
  expect(taken).toBeLessThan(15);
  expect(closed).toBe(2);
});
