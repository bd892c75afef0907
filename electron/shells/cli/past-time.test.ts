import { expect, it } from 'vitest';
import { pastTime } from './past-time.ts';

it('takes a time, or how long ago it was', () => {
  expect(pastTime('1970-01-01T00:00:01Z')).toBe(1000);
  for (const [text, ago] of [['5s', 5000], ['90m', 5_400_000], ['3h', 10_800_000], ['2d', 172_800_000]] as const) expect(pastTime(text, undefined, 1e12)).toBe(1e12 - ago);
  for (const text of ['', 'yesterday', '5', '5w']) expect(() => pastTime(text)).toThrow('is wanted');
});
