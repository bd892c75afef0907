import { expect, it } from 'vitest';
import { demoRuns } from './demo-runs.ts';

it('knows a running demo from one that is off, and takes no answer for "off"', async () => {
  expect(await demoRuns(() => Promise.resolve({}))).toBe(true);
  expect(await demoRuns(() => Promise.reject(new Error('off')))).toBe(false);
});
