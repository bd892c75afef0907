import { expect, test } from 'vitest';
import { closingLine, readReport, summary, type Outcome } from './report.ts';

const file = (name: string, status: string, tests: readonly (readonly [string, string])[]) => ({
  name, status, message: status === 'failed' && tests.length === 0 ? 'cannot find module' : '',
  assertionResults: tests.map(([fullName, state]) => ({ fullName, status: state, failureMessages: state === 'failed' ? ['expected 1 to be 2'] : [] })),
});

test('counts passed, failed and skipped tests', () => {
  const json = { testResults: [file('a.test.ts', 'failed', [['one', 'passed'], ['two', 'failed'], ['three', 'pending'], ['four', 'todo']])] };
  expect(readReport(json, 1)).toEqual({ passed: 1, skipped: 2, failures: [{ where: 'a.test.ts › two', why: 'expected 1 to be 2' }], failedFiles: ['a.test.ts'] });
});

test('a file that cannot be loaded is a failure', () => {
  const json = { testResults: [file('a.test.ts', 'passed', [['one', 'passed']]), file('b.test.ts', 'failed', [])] };
  expect(readReport(json, 1)).toEqual({ passed: 1, skipped: 0, failures: [{ where: 'b.test.ts', why: 'cannot find module' }], failedFiles: ['b.test.ts'] });
});

test.each([
  ['no report', undefined, 0],
  ['no tests', { testResults: [] }, 0],
  ['an error outside of all tests', { testResults: [file('a.test.ts', 'passed', [['one', 'passed']])] }, 1],
])('%s is a failure', (_, json, exitCode) => {
  expect(readReport(json, exitCode).failures).toHaveLength(1);
});

const outcome = (change: Partial<Outcome>): Outcome => ({ title: 'unit', passed: 3, skipped: 0, failures: [], seconds: 1, ...change });

test('the closing line has a form that machines read', () => {
  expect(closingLine([outcome({}), outcome({ passed: 4 })])).toBe('7 passed, 0 failed');
  expect(closingLine([outcome({ failures: [{ where: 'x', why: 'y' }] }), outcome({ skipped: 2 })])).toBe('6 passed, 1 failed, 2 skipped');
});

test('the summary names what failed, what was unsteady, and what was not run', () => {
  const text = summary([
    outcome({ failures: [{ where: 'a › b', why: 'c' }] }), outcome({ note: 'SKIPPED: maven missing' }), outcome({ unsteady: [{ where: 'd › e', why: 'f' }] }),
  ], ['LAN lab']);
  expect(text).toContain('3 passed, 1 UNSTEADY');
  expect(text).toContain('~ passed only when run again by itself: unit: d › e\n    f');
  expect(text).toContain('✗ unit: a › b\n    c');
  expect(text).toContain('SKIPPED: maven missing');
  expect(text).toContain('SKIPPED LAN lab');
});
