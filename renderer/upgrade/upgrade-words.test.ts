import { describe, expect, it } from 'vitest';
import type { UpgradeNode, UpgradeRun } from '../../electron/contract/index.ts';
import { fakePlanOf, fakeUpgradeRun } from '../testing/fakes/upgrade-records.ts';
import { aboutSeconds, holderWords, planBlocked, progressShare, progressWords, versionOf } from './upgrade-words.ts';

const run = (more: Partial<UpgradeRun> = {}): UpgradeRun => ({ ...fakeUpgradeRun('running'), ...more });
const nodes = (...states: [UpgradeNode['state'], number][]): UpgradeNode[] => states.map(([state, stepNumber]) => ({ ...run().nodes[0]!, state, stepNumber, steps: 10 }));

it('estimates no more exactly than it can', () => {
  expect([2, 52, 88, 95, 260].map(aboutSeconds)).toEqual(['about 5 s', 'about 50 s', 'about 90 s', 'about 2 min', 'about 4 min']);
});

it('names a release without its digest', () => {
  expect([versionOf('1.4.0-c41d77e2'), versionOf('1.5.0-rc1-c41d77e2'), versionOf('1.4.0'), versionOf(null)]).toEqual(['1.4.0', '1.5.0-rc1', '1.4.0', 'nothing']);
});

it('counts whole nodes, and the steps of the one under way', () => {
  expect(progressWords({ nodes: nodes(['done', 10], ['unchanged', 0], ['running', 6]) })).toBe('2 of 3 nodes done');
  expect(progressShare({ nodes: nodes(['done', 10], ['running', 6], ['waiting', 0], ['put-back', 10]) })).toBeCloseTo((1 + 0.5) / 4);
});

describe('the holder', () => {
  it('keeps a run that it is heard of', () => {
    expect(holderWords(run({ here: false, holder: 'tom on ops-2', holderUntil: 2_000 }), 1_000)).toMatchObject({ free: false, text: 'Carried out by tom on ops-2' });
  });
  it('loses it when its time is over, or when it has gone', () => {
    expect(holderWords(run({ here: false, holderUntil: 2_000 }), 2_001).free).toBe(true);
    expect(holderWords(run({ here: false, state: 'interrupted', holderUntil: 9_000 }), 1_000).free).toBe(true);
  });
});

it('says why a plan cannot be started', () => {
  expect(planBlocked(fakePlanOf('allowed'))).toBeNull();
  expect(planBlocked(fakePlanOf('refused'))).toMatch(/No other node serves/);
  const same = fakePlanOf('allowed');
  expect(planBlocked({ ...same, nodes: same.nodes.map((node) => ({ ...node, unchanged: true })) })).toBe('Every node runs it already');
});
