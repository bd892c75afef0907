import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { projectRoot } from '../build.ts';
import { levels, type Level } from './levels.ts';
import { partsOf } from './parts.ts';

const level = (more: Partial<Level>): Level => ({ project: 'p', title: 'P', needs: [], limitMs: 1, seconds: 100, ...more });

test('a level that is not divided is one part', () => {
  const whole = level({});
  expect(partsOf([whole])).toEqual([{ level: whole, title: 'P', name: 'p', args: [], seconds: 100, alone: false }]);
});

test('its shards are parts, and what measures is left out of them and runs alone', () => {
  const parts = partsOf([level({ shards: 2, measuring: ['a.test.ts', 'b.test.ts'] })]);
  expect(parts.map(({ name, args, seconds, alone }) => [name, args.join(' '), seconds, alone])).toEqual([
    ['p-1', '--shard=1/2 --exclude a.test.ts --exclude b.test.ts', 50, false],
    ['p-2', '--shard=2/2 --exclude a.test.ts --exclude b.test.ts', 50, false],
    ['p-times', 'a.test.ts b.test.ts', 0, true],
  ]);
});

test('what is left to long runs is in no part, unless all is wanted', () => {
  const withLong = level({ long: ['long.test.ts'] });
  expect(partsOf([withLong]).map(({ args }) => args)).toEqual([['--exclude', 'long.test.ts']]);
  expect(partsOf([withLong], { all: true }).map(({ args }) => args)).toEqual([[]]);
});

test('the longest part comes first', () => {
  const parts = partsOf([level({ project: 'short', seconds: 10 }), level({ project: 'divided', seconds: 90, shards: 3 }), level({ project: 'long', seconds: 40 })]);
  expect(parts.map(({ name }) => name)).toEqual(['long', 'divided-1', 'divided-2', 'divided-3', 'short']);
});

test('what is to measure, and what is left to long runs, is there', () => {
  const named = levels.flatMap(({ measuring = [], long = [] }) => [...measuring, ...long]);
  expect(named.filter((file) => globSync(join(projectRoot, file)).length !== 1)).toEqual([]);
});
