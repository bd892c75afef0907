import { expect, test } from 'vitest';
import { hostile } from '../../endurance/hostile/run.ts';

test('hostile clients neither keep others from being served nor leave anything behind', async () => {
  const { failures } = await hostile({ seconds: 1, connections: 40 }, () => undefined);
  expect(failures).toEqual([]);
});
