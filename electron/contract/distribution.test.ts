import { expect, it } from 'vitest';
import { distributionOf } from './distribution.ts';

it('tells values that were measured, by nearest rank', () => {
  expect(distributionOf([30, 10, 20])).toEqual({ count: 3, p50: 20, p99: 30, max: 30 });
  expect(distributionOf([4, 1, 3, 2])).toMatchObject({ p50: 2, p99: 4 });
  expect(distributionOf(Array.from({ length: 200 }, (_, index) => index + 1))).toEqual({ count: 200, p50: 100, p99: 198, max: 200 });
  expect(distributionOf([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
});

it('says nothing of nothing', () => {
  expect(distributionOf([])).toBeNull();
});
