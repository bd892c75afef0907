import { expect, test } from 'vitest';
import type { Outcome } from './report.ts';
import { secondLook } from './second-look.ts';

const outcome = (change: Partial<Outcome>): Outcome => ({ title: 'lab', passed: 5, skipped: 0, failures: [], seconds: 10, ...change });
const failedOnce = outcome({ failures: [{ where: 'a.test.ts › one', why: 'late' }], failedFiles: ['a.test.ts'] });

test('what passes by itself is told as unsteady', async () => {
  const asked: (readonly string[])[] = [];
  const seen = await secondLook(failedOnce, (files) => {
    asked.push(files);
    return Promise.resolve(outcome({ passed: 1, seconds: 3 }));
  });
  expect(asked).toEqual([['a.test.ts']]);
  expect(seen).toMatchObject({ passed: 6, failures: [], unsteady: failedOnce.failures, seconds: 13 });
});

test('what fails again has failed', async () => {
  const seen = await secondLook(failedOnce, () => Promise.resolve(failedOnce));
  expect(seen).toMatchObject({ passed: 5, failures: failedOnce.failures });
  expect(seen.unsteady).toBeUndefined();
});

test.each([
  ['nothing failed', outcome({})],
  ['the run itself failed', outcome({ failures: [{ where: 'vitest', why: 'ended with 1' }] })],
  ['it was stopped as well', outcome({ failures: [...failedOnce.failures, { where: 'lab', why: 'was stopped' }], failedFiles: ['a.test.ts'] })],
  ['much failed', outcome({ failures: ['a', 'b', 'c', 'd'].map((name) => ({ where: `${name} › x`, why: '' })), failedFiles: ['a', 'b', 'c', 'd'] })],
])('there is none when %s', async (_, first) => {
  expect(await secondLook(first, () => Promise.reject(new Error('not to be run')))).toBe(first);
});
