import { expect, test } from 'vitest';
import { BatchSize } from './batch-size.ts';

const limits = { first: 16, least: 8, most: 500, aimMs: 100 };

test('grows while batches are quick, at most twofold each time, up to its limit', () => {
  const size = new BatchSize(limits);
  const seen = [size.next];
  for (let count = 0; count < 6; count += 1) {
    size.learn(size.next, 2);
    seen.push(size.next);
  }
  expect(seen).toEqual([16, 32, 64, 128, 256, 500, 500]);
});

test('shrinks at once to what fits the time, and never below its limit, however long the transactions themselves take', () => {
  const size = new BatchSize({ ...limits, first: 400 });
  size.learn(400, 1000);
  expect(size.next).toBe(40);
  size.learn(40, 60_000);
  expect(size.next).toBe(8);
});

test('a last batch that is not full does not shrink the next one by its size alone', () => {
  const size = new BatchSize({ ...limits, first: 200 });
  size.learn(3, 1);
  expect(size.next).toBeGreaterThanOrEqual(200);
});

test('a batch that fails teaches nothing, and its failure is passed on', async () => {
  const size = new BatchSize(limits);
  await expect(size.timed(16, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(size.next).toBe(16);
  expect(await size.timed(16, () => Promise.resolve('done'))).toBe('done');
  expect(size.next).toBeGreaterThan(16);
});
