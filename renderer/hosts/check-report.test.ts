import { expect, it } from 'vitest';
import { byCategory, checkTitle, countChecks, worstStatus, type Check } from './check-report.ts';

const check = (id: string, category: Check['category'], status: Check['status']): Check => ({ id, category, status, stops: false, found: '', fixes: [] });
const checks = [check('disk', 'system', 'passed'), check('clock', 'system', 'failed'), check('port', 'network', 'warning'), check('libc', 'system', 'warning')];

it('puts trouble first, and leaves out what has passed when asked to', () => {
  expect(byCategory(checks, false).map(({ title, checks: shown }) => [title, ...shown.map(({ id }) => id)])).toEqual([['System', 'clock', 'libc', 'disk'], ['Network', 'port']]);
  expect(byCategory(checks, true)[0]).toMatchObject({ summary: '1 failed, 1 warning, 1 passed', checks: [{ id: 'clock' }, { id: 'libc' }] });
  expect(byCategory([check('disk', 'system', 'passed')], true)).toEqual([]);
});

it('counts in words', () => {
  expect(countChecks(checks)).toBe('1 failed, 2 warnings, 1 passed');
  expect([worstStatus(checks), worstStatus([check('a', 'system', 'passed')])]).toEqual(['failed', 'passed']);
  expect(checkTitle('database-port')).toBe('Database port');
});
