import { expect, it } from 'vitest';
import type { AlertRule } from '../../electron/contract/index.ts';
import { changeOf, draftOf } from './rule-draft.ts';

const rule: AlertRule = {
  rule: 'disk-full', title: 'Disk nearly full', description: '', severity: 'warning', enabled: true, threshold: { value: 90, unit: '%', min: 50, max: 99 }, raiseAfterSeconds: 60, clearAfterSeconds: 120,
  defaults: { severity: 'warning', enabled: true, threshold: 90, raiseAfterSeconds: 60, clearAfterSeconds: 120 },
};

it('sends only what is different', () => {
  expect(changeOf(rule, draftOf(rule))).toEqual({ change: {} });
  expect(changeOf(rule, { ...draftOf(rule), threshold: '85,5', clearAfter: '0' })).toEqual({ change: { threshold: 85.5, clearAfterSeconds: 0 } });
});

it('says which limits hold before it sends', () => {
  expect(changeOf(rule, { ...draftOf(rule), threshold: '100' })).toEqual({ problem: 'Limit: from 50 to 99 %' });
  for (const typed of ['', '-1', '1.5', '86401', 'soon']) expect(changeOf(rule, { ...draftOf(rule), raiseAfter: typed })).toHaveProperty('problem');
});

it('asks no limit of a rule that has none', () => {
  const plain = { ...rule, threshold: null };
  expect(changeOf(plain, { ...draftOf(plain), severity: 'bad' })).toEqual({ change: { severity: 'bad' } });
});
