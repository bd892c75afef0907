import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runNode } from './command.ts';
import type { Part } from './parts.ts';
import { readReport, type Outcome } from './report.ts';
import { projectRoot } from '../build.ts';

const vitest = 'node_modules/vitest/vitest.mjs';

export interface PartRun {
  /** folder for reports */
  readonly reports: string;
  readonly environment: Readonly<Record<string, string>>;
  /** time at which all runs are over, as of `performance.now()` */
  readonly deadline: number;
  readonly onLine: (line: string) => void;
}

/** Runs a part of a level, in a process of its own. @returns what came of it; that it was stopped at its limit is a failure, and what it had passed until then is not known */
export async function runPart({ level, title, name, args: which }: Pick<Part, 'level' | 'title' | 'name' | 'args'>, run: PartRun): Promise<Outcome> {
  const report = join(run.reports, `${name}.json`);
  const args = [vitest, 'run', '--project', level.project, '--passWithNoTests', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...which];
  const limitMs = Math.max(1000, Math.min(level.limitMs, run.deadline - performance.now()));
  const { exitCode, seconds, timedOut } = await runNode(args, { cwd: projectRoot, environment: run.environment, limitMs, onLine: run.onLine });
  const json: unknown = await readFile(report, 'utf8').then((text): unknown => JSON.parse(text)).catch(() => undefined);
  const outcome = readReport(json, exitCode);
  const late = timedOut ? [{ where: name, why: `was stopped after ${(limitMs / 60_000).toFixed(0)} minutes` }] : [];
  return { title, seconds, ...outcome, failures: [...outcome.failures, ...late] };
}
