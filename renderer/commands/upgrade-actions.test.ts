import { expect, it } from 'vitest';
import { fakePlanAlone, fakePlanOf, fakeUpgradeRun } from '../testing/fakes/upgrade-records.ts';
import { startUpgradeAction, upgradeRunActions } from './upgrade-actions.ts';

const now = Date.now();

it('says order, time and what becomes of the master before it starts', () => {
  const action = startUpgradeAction(fakePlanOf('allowed'), [], null);
  expect(action.blocked).toBeNull();
  expect(action.question?.does.join(' ')).toMatch(/art-2, art-3, art-1, one at a time; about 65 s.*art-1 is the master/);
});

it('cannot start what a check refuses, and says why', () => {
  expect(startUpgradeAction(fakePlanOf('refused'), [], null).blocked).toMatch(/No other node serves/);
});

it('switches the only node when its interruption is taken on, and says what that breaks', async () => {
  expect(startUpgradeAction(fakePlanAlone([]), [], null).blocked).toMatch(/unless you take on “capacity”/);
  const action = startUpgradeAction(fakePlanAlone(['capacity']), ['capacity'], null);
  expect([action.blocked, action.question?.breaks]).toEqual([null, [expect.stringMatching(/nobody serves for about 15 s/)]]);
  const asked: unknown[] = [];
  await action.run({ call: (_name: string, args: unknown) => { asked.push(args); return Promise.resolve(); } } as never, new AbortController().signal);
  expect(asked).toEqual([expect.objectContaining({ acceptWarnings: ['capacity'] })]);
});

it('says which releases go in the end', () => {
  expect(startUpgradeAction(fakePlanOf('allowed'), [], null).question?.does.at(-1)).toBe('In the end these releases are removed from the hosts: 1.2.0.');
});

it('offers after a failure to try again or to roll back what was switched', () => {
  const actions = upgradeRunActions(fakeUpgradeRun('failed'), null, now);
  expect(actions.map(({ label }) => label)).toEqual(['Try again from here', 'Roll back']);
  expect(actions[1]?.question?.title).toBe('Put 1 node back on 1.4.0?');
});

it('leaves a run to the desktop that carries it out, and lets another take it over when that is gone', () => {
  const elsewhere = { ...fakeUpgradeRun('paused'), here: false, holder: 'tom on laptop-3' };
  expect(upgradeRunActions({ ...elsewhere, holderUntil: now + 1_000 }, null, now)[0]).toMatchObject({ label: 'Take it over and go on', blocked: 'tom on laptop-3 carries it out' });
  expect(upgradeRunActions({ ...elsewhere, holderUntil: now - 1_000 }, null, now)[0]?.blocked).toBeNull();
});
