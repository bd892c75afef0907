import type { RunDetail } from '../../electron/contract/index.ts';
import type { Failure } from '../format/failures.ts';

type Command = RunDetail['commands'][number];

export interface FailedStep {
  readonly title: string | null;
  readonly failure: Failure;
  /** the command that failed */
  readonly command: Command | null;
  /** its last lines */
  readonly lines: string[];
  /** what the node said of itself, where it was asked */
  readonly log: string[];
  /** preflight checks that failed */
  readonly checks: { readonly id: string; readonly found: string; readonly fixes: readonly string[] }[];
}

/** Everything that helps to mend a run that has failed; null for one that has not. */
export function failedStep(run: RunDetail): FailedStep | null {
  if (run.failure === null || run.state === 'cancelled') return null;
  const { code, message, hint, details } = run.failure;
  const step = run.steps.find(({ state }) => state === 'failed') ?? null;
  const commands = lastAttempt(run.commands.filter((command) => command.step === (step?.step ?? 'lock')));
  const log = commands.findLast(isLog) ?? null;
  const command = commands.findLast((each) => each !== log && each.phase !== 'probe' && each.exitCode !== 0) ?? null;
  return {
    title: step?.title ?? null,
    failure: { code, message, hint, ...(details === undefined ? {} : { details }) },
    command, lines: linesOf(command), log: linesOf(log), checks: checksOf(details),
  };
}

/** A run that was resumed has the commands of all attempts: the failure is in the last one. */
function lastAttempt(commands: readonly Command[]): Command[] {
  const begun = commands.findLastIndex(({ phase }, index) => phase === 'probe' && commands[index - 1]?.phase !== 'probe');
  return commands.slice(Math.max(0, begun));
}

function isLog({ command, phase }: Command): boolean {
  return phase !== 'probe' && command.includes('journalctl');
}

function linesOf(command: Command | null): string[] {
  const text = command?.lastLines?.trimEnd() ?? '';
  return text === '' ? [] : text.split('\n');
}

function checksOf(details: unknown): FailedStep['checks'] {
  if (!Array.isArray(details)) return [];
  return details.flatMap((each: unknown) => {
    if (typeof each !== 'object' || each === null) return [];
    const { id, found, fixes } = each as { id?: unknown; found?: unknown; fixes?: unknown };
    return typeof id === 'string' && typeof found === 'string' ? [{ id, found, fixes: Array.isArray(fixes) ? fixes.map(String) : [] }] : [];
  });
}
