import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { inLanes, type Job } from './lanes.ts';

/** Jobs that say who runs beside them when they begin. */
function jobs(seen: string[][], names: readonly (readonly [string, boolean])[]): Job<string>[] {
  const running = new Set<string>();
  return names.map(([name, alone]) => ({
    alone,
    async run() {
      running.add(name);
      seen.push([...running]);
      await setImmediate();
      running.delete(name);
      return name;
    },
  }));
}

test('two lanes share the jobs; results come in the order of the jobs', async () => {
  const seen: string[][] = [];
  expect(await inLanes(jobs(seen, [['a', false], ['b', false], ['c', false]]), 2)).toEqual(['a', 'b', 'c']);
  expect(seen.map((each) => each.length)).toEqual([1, 2, 2]);
});

test('a job that wants to be alone begins when all others have ended', async () => {
  const seen: string[][] = [];
  expect(await inLanes(jobs(seen, [['alone', true], ['a', false], ['b', false]]), 2)).toEqual(['alone', 'a', 'b']);
  expect(seen).toEqual([['a'], ['a', 'b'], ['alone']]);
});

test('what a job throws is thrown once the others that had begun have ended', async () => {
  const ended: string[] = [];
  const slow: Job<string> = { run: async () => { await setImmediate(); ended.push('slow'); return 'slow'; } };
  const bad: Job<string> = { run: () => Promise.reject(new Error('no disk')) };
  await expect(inLanes([slow, bad, slow], 2)).rejects.toThrow('no disk');
  expect(ended).toEqual(['slow']);
});
