import { expect, it } from 'vitest';
import { FakeCluster, lanIdentity } from '../testing/fake-cluster.ts';
import { fakeBudget } from '../testing/fake-records.ts';
import { poolChange, poolEffect } from './pool-change.ts';

const explanation = fakeBudget(new FakeCluster('running', lanIdentity).database());

it('takes whole sizes in order', () => {
  expect(poolChange('5', '20')).toEqual({ poolMin: 5, poolMax: 20, problem: null });
  expect(poolChange('21', '20').problem).toMatch(/larger/);
  for (const wrong of ['', '1', '2.5', '1001']) expect(poolChange('2', wrong).problem).toMatch(/whole numbers/);
});

it('says what a change comes to before it is made', () => {
  expect(poolEffect(explanation, null, 20)).toMatchObject({ tone: 'ok', text: expect.stringMatching(/^63 of 87 connections would be held, 15 fewer than now/) as string });
  expect(poolEffect(explanation, null, 40)).toMatchObject({ tone: 'warn', text: expect.stringMatching(/^123 of 87 .* 36 more than there are/) as string });
  expect(poolEffect(explanation, 'art-1', 28).text).toMatch(/^81 of 87/);
});
