import { z } from 'zod';

/** What this project reads of Vitest's JSON report. */
const vitestReport = z.object({
  testResults: z.array(z.object({
    name: z.string(),
    status: z.string(),
    message: z.string().default(''),
    assertionResults: z.array(z.object({
      fullName: z.string(),
      status: z.string(),
      failureMessages: z.array(z.string()).nullish(),
    })),
  })),
});

export interface Failure {
  readonly where: string;
  readonly why: string;
}

export interface Outcome {
  readonly title: string;
  readonly passed: number;
  readonly skipped: number;
  readonly failures: readonly Failure[];
  /** failed beside others, and passed when run again by itself: each is a defect of the test or of what it tests */
  readonly unsteady?: readonly Failure[];
  /** test files in which something failed */
  readonly failedFiles?: readonly string[];
  readonly seconds: number;
  /** why the level did not run at all */
  readonly note?: string;
}

const firstLines = (text: string): string => text.split('\n').slice(0, 12).join('\n');

/**
 * Counts tests. A file that could not be loaded is one failure; so is a run that ended badly although no test failed,
 * and one without any test.
 *
 * @param json     Vitest's report; undefined when there is none
 * @param exitCode of Vitest; null when it was stopped
 */
export function readReport(json: unknown, exitCode: number | null): Pick<Outcome, 'passed' | 'skipped' | 'failures' | 'failedFiles'> {
  const parsed = vitestReport.safeParse(json);
  if (!parsed.success) return { passed: 0, skipped: 0, failures: [{ where: 'vitest', why: `wrote no report (exit code ${String(exitCode)})` }] };
  const files = parsed.data.testResults;
  const tests = files.flatMap((file) => file.assertionResults.map((test) => ({ ...test, file: file.name })));
  const failures: Failure[] = tests
    .filter(({ status }) => status === 'failed')
    .map(({ file, fullName, failureMessages }) => ({ where: `${file} › ${fullName}`, why: firstLines(failureMessages?.[0] ?? '') }));
  for (const file of files) {
    if (file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')) {
      failures.push({ where: file.name, why: firstLines(file.message || 'the file failed outside of its tests') });
    }
  }
  const failedFiles = files.filter(({ status, assertionResults }) => status === 'failed' || assertionResults.some((test) => test.status === 'failed')).map(({ name }) => name);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  if (tests.length === 0 && failures.length === 0) failures.push({ where: 'vitest', why: 'no tests were executed' });
  if (exitCode !== 0 && failures.length === 0) failures.push({ where: 'vitest', why: `ended with ${String(exitCode)} although no test failed` });
  const skipped = tests.length - passed - tests.filter(({ status }) => status === 'failed').length;
  return { passed, skipped, failures, ...(failedFiles.length > 0 ? { failedFiles } : {}) };
}

/** The closing line, which machines read. */
export function closingLine(outcomes: readonly Outcome[]): string {
  const sum = (count: (outcome: Outcome) => number): number => outcomes.reduce((total, outcome) => total + count(outcome), 0);
  const skipped = sum((outcome) => outcome.skipped);
  const counted = `${String(sum(({ passed }) => passed))} passed, ${String(sum(({ failures }) => failures.length))} failed`;
  return skipped === 0 ? counted : `${counted}, ${String(skipped)} skipped`;
}

/** A table of the levels and, below it, every failure. */
export function summary(outcomes: readonly Outcome[], notBuilt: readonly string[]): string {
  const rows = outcomes.map(({ title, passed, failures, skipped, seconds, note, unsteady = [] }) => {
    const counts = note ?? [`${String(passed)} passed`, failures.length > 0 ? `${String(failures.length)} FAILED` : '', unsteady.length > 0 ? `${String(unsteady.length)} UNSTEADY` : '', skipped > 0 ? `${String(skipped)} SKIPPED` : '']
      .filter((text) => text !== '').join(', ');
    return `  ${title.padEnd(58)} ${`${seconds.toFixed(1)} s`.padStart(8)}  ${counts}`;
  });
  const told = (mark: string, title: string, { where, why }: Failure): string => `${mark} ${title}: ${where}\n${why.replace(/^/gm, '    ')}`;
  const failed = outcomes.flatMap(({ title, failures, unsteady = [] }) => [
    ...unsteady.map((each) => told('~ passed only when run again by itself:', title, each)), ...failures.map((each) => told('✗', title, each)),
  ]);
  return ['', ...rows, ...notBuilt.map((what) => `  SKIPPED ${what}`), '', ...failed, failed.length > 0 ? '' : undefined]
    .filter((line) => line !== undefined).join('\n');
}
