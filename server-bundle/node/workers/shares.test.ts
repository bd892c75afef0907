import fc from 'fast-check';
import { expect, test } from 'vitest';
import { leastPool, leastShare, mostWorkers, sharesOf } from './shares.ts';

test.each([
  [6, 2, { own: 2, workers: [2, 2] }],
  [9, 2, { own: 2, workers: [4, 3] }],
  [20, 2, { own: 3, workers: [9, 8] }],
  [60, 4, { own: 4, workers: [14, 14, 14, 14] }],
  [5, 0, { own: 5, workers: [] }],
])('%i connections for %i workers', (total, workers, shares) => {
  expect(sharesOf(total, workers)).toEqual(shares);
});

test('a pool is never shared out beyond its size, and nobody gets too little', () => {
  fc.assert(fc.property(fc.integer({ min: 2, max: 1000 }), fc.integer({ min: 0, max: 64 }), (total, count) => {
    const workers = Math.min(count, mostWorkers(total));
    const shares = sharesOf(total, workers);
    expect(shares.own + shares.workers.reduce((sum, share) => sum + share, 0)).toBe(total);
    expect(Math.min(shares.own, ...shares.workers)).toBeGreaterThanOrEqual(leastShare);
  }));
});

test('the least pool for a number of workers is enough for just as many', () => {
  for (let workers = 1; workers <= 64; workers += 1) expect([mostWorkers(leastPool(workers)), mostWorkers(leastPool(workers) - 1)]).toEqual([workers, workers - 1]);
});
