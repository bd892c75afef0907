import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { alertRule } from '../contract/index.ts';
import { effectiveRule, effectiveRules, ruleDefinitions } from './rules.ts';

const documentation = await readFile(new URL('../../docs/alerts.md', import.meta.url), 'utf8');
const told = new Map([...documentation.matchAll(/^\| `([a-z-]+)` \| (warning|bad) \|/gm)].map(([, rule, severity]) => [rule, severity]));

test('the documentation lists every rule, with its severity, and no other', () => {
  expect([...told].sort()).toEqual(ruleDefinitions.map(({ rule, severity }) => [rule, severity]).sort());
});

test('each rule is well-formed, and its threshold lies within its limits', () => {
  for (const definition of ruleDefinitions) {
    const rule = alertRule.parse(effectiveRule(definition, undefined));
    expect(rule.enabled).toBe(true);
    if (rule.threshold === null) continue;
    expect(rule.threshold.value).toBeGreaterThanOrEqual(rule.threshold.min);
    expect(rule.threshold.value).toBeLessThanOrEqual(rule.threshold.max);
  }
});

test('an override changes what it holds, and nothing else', () => {
  const override = { severity: null, enabled: false, threshold: 70, raiseAfterSeconds: null, clearAfterSeconds: 0 };
  const rule = effectiveRules(new Map([['disk', override]])).get('disk');
  expect(rule).toMatchObject({ severity: 'warning', enabled: false, threshold: { value: 70, unit: '%' }, raiseAfterSeconds: 60, clearAfterSeconds: 0, defaults: { threshold: 90, clearAfterSeconds: 60, enabled: true } });
});
