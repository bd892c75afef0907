import { Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { HotCounts } from './hot-counts.ts';
import { DurationsWithHot } from './hot-durations.ts';
import { hotRoute } from './hot-reads.ts';

test('hot reads are in the same series as those that the route answered', async () => {
  const registry = new Registry();
  const hot = new HotCounts();
  const durations = new DurationsWithHot(registry, hot, 'd', 'h');
  for (const seconds of [0.001, 0.002, 40]) durations.observe('GET', hotRoute, seconds);
  for (const seconds of [0.001, 0.0011, 0.7, 31]) hot.add('GET', 200, seconds, 1);
  hot.add('HEAD', 200, 0.3, 1);
  const told = async (line: string): Promise<number> => {
    const lines = (await registry.metrics()).split('\n').filter((each) => each.startsWith(`${line} `));
    expect(lines, line).toHaveLength(1);
    return Number(lines[0]?.split(' ')[1]);
  };
  const bucket = (le: string, method = 'GET'): Promise<number> => told(`d_bucket{le="${le}",method="${method}",route="${hotRoute}"}`);
  expect(await Promise.all(['0.001', '0.0025', '0.5', '1', '30', '+Inf'].map((le) => bucket(le)))).toEqual([2, 4, 4, 5, 5, 7]);
  expect(await told(`d_count{method="GET",route="${hotRoute}"}`)).toBe(7);
  expect(await told(`d_sum{method="GET",route="${hotRoute}"}`)).toBeCloseTo(71.7051, 3);
  // asked again, nothing is counted twice
  expect([await bucket('0.25', 'HEAD'), await bucket('0.5', 'HEAD'), await bucket('+Inf', 'HEAD')]).toEqual([0, 1, 1]);
  expect(await bucket('+Inf')).toBe(7);
});

test('a number of bytes that fell is none, and takes nothing from the others', () => {
  const hot = new HotCounts();
  hot.add('GET', 200, 0.1, 1000);
  hot.add('GET', 499, 0.1, -1185);
  expect(hot.bytesTaken()).toBe(1000);
});
