import type { Outcome } from './report.ts';

/** More files than this are no coincidence: something is broken. */
const mostFiles = 3;

/**
 * Runs the few files of a part that failed beside others once more, with nothing beside them. What passes then is told as unsteady, not
 * hidden: a test that bears no busy machine is a defect to be mended, but none that should keep everything else from being seen.
 *
 * @param outcome of the part
 * @param run     runs these files by themselves
 * @returns the outcome as it was, when something fails again
 */
export async function secondLook(outcome: Outcome, run: (files: readonly string[]) => Promise<Outcome>): Promise<Outcome> {
  const { failures, failedFiles = [] } = outcome;
  const elsewhere = failures.some(({ where }) => !failedFiles.some((file) => where.startsWith(file)));
  if (failures.length === 0 || elsewhere || failedFiles.length > mostFiles) return outcome;
  const second = await run(failedFiles);
  const seconds = outcome.seconds + second.seconds;
  if (second.failures.length > 0) return { ...outcome, seconds };
  return { ...outcome, seconds, passed: outcome.passed + failures.length, failures: [], unsteady: failures };
}
