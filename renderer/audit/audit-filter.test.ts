import { expect, it } from 'vitest';
import { anyEntry, auditQuestion, spanProblem } from './audit-filter.ts';

const now = Date.parse('2026-11-28T12:00:00Z');

it('asks only for what was chosen', () => {
  expect(auditQuestion('demo', { ...anyEntry }, now)).toEqual({ clusterId: 'demo', limit: 100 });
  expect(auditQuestion('demo', { ...anyEntry, user: ' ci ', action: 'deploy', repository: 'libs', result: 'refused', span: 'hour' }, now, 7)).toEqual({
    clusterId: 'demo', limit: 100, user: 'ci', action: 'deploy', repository: 'libs', result: 'refused', since: now - 3_600_000, before: 7,
  });
});

it('takes a time from one side or from both, and none that makes no sense', () => {
  const between = (from: string, to: string) => ({ ...anyEntry, span: 'between' as const, from, to });
  expect(auditQuestion('demo', between('2026-11-28T10:00', ''), now)).toEqual({ clusterId: 'demo', limit: 100, since: Date.parse('2026-11-28T10:00') });
  expect(auditQuestion('demo', between('', '2026-11-28T10:00'), now)).toEqual({ clusterId: 'demo', limit: 100, until: Date.parse('2026-11-28T10:00') });
  expect(spanProblem(between('2026-11-28T11:00', '2026-11-28T10:00'))).toBe('The end lies before the beginning');
  expect(auditQuestion('demo', between('2026-11-28T11:00', '2026-11-28T10:00'), now)).toBeNull();
  expect(spanProblem(between('yesterday', ''))).toBe('That is no time');
  // what was typed for another span is nobody's problem
  expect(spanProblem({ ...between('b', 'a'), span: 'day' })).toBeNull();
});
