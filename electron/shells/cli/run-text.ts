import type { ContractClient, Planned, RunDetail, RunSummary, RunUpload } from '../../contract/index.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodeOf, exitCodes, type ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';
import { printable, table } from './table.ts';

/** Tells each step of the runs under way as it begins. Returns the function that ends the telling. */
export function showRuns(client: ContractClient, output: Output): () => void {
  const told = new Map<string, string>();
  const uploads = new Map<string, string>();
  return client.subscribe('runs.watch', {}, {
    item: ({ runId, nodeId, steps, upload }) => {
      const at = steps.findIndex(({ state }) => state === 'probing' || state === 'applying' || state === 'undoing');
      const step = steps[at];
      if (step === undefined || step.state === 'probing') return;
      const line = `${nodeId}  ${at + 1}/${steps.length}  ${step.state === 'undoing' ? 'undo: ' : ''}${step.title}`;
      if (told.get(runId) !== line) output.progress(line);
      told.set(runId, line);
      if (upload === undefined) return;
      // a line for each tenth: enough to see that it moves, also in the log of a script
      const tenth = `${runId} ${upload.file} ${Math.floor((10 * upload.sentBytes) / Math.max(1, upload.totalBytes))}`;
      if (uploads.get(runId) !== tenth) output.progress(`${line}  ${uploadText(upload)}`);
      uploads.set(runId, tenth);
    },
    // the command under way reports what went wrong
    error: () => undefined,
  });
}

/** "45 %, 18.0 of 40.0 MB, 12.4 MB/s". */
export function uploadText({ sentBytes, totalBytes, bytesPerSecond }: RunUpload): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  const share = Math.floor((100 * sentBytes) / Math.max(1, totalBytes));
  return `${share} %, ${megabytes(sentBytes)} of ${megabytes(totalBytes)} MB${bytesPerSecond === null ? '' : `, ${megabytes(bytesPerSecond)} MB/s`}`;
}

/** The outcome of runs, and the exit code for it. */
export function tellRuns(context: CliContext, runs: readonly RunSummary[]): void {
  context.outcome.exitCode = exitCodeOfRuns(runs);
  context.output.result(runs, runs.map(outcome).join('\n'));
}

/** Refused, or not reachable, only when no host was changed: whatever else has failed may have left something half done. */
function exitCodeOfRuns(runs: readonly RunSummary[]): ExitCode {
  const isUntouched = runs.every(({ changed, steps }) => changed === 0 && steps.every(({ touched }) => !touched));
  const failed = runs.filter(({ state }) => state === 'failed' || state === 'interrupted');
  const [code, ...others] = new Set(failed.map(({ failure }) => (isUntouched && failure !== null ? exitCodeOf(failure.code) : exitCodes.failed)));
  if (code !== undefined) return others.length === 0 ? code : exitCodes.failed;
  return runs.some(({ state }) => state === 'cancelled') ? exitCodes.interrupted : exitCodes.ok;
}

function outcome({ nodeId, runId, kind, state, changed, failure, steps }: RunSummary): string {
  // of the last attempt: the time in which nobody worked on it does not count
  const worked = steps.filter((step) => state !== 'rolled-back' || step.state === 'undone').reduce((sum, { durationMs }) => sum + (durationMs ?? 0), 0);
  const seconds = ` in ${(worked / 1000).toFixed(1)} s`;
  if (state === 'done') return `${nodeId}  ${{ provision: 'serves', remove: 'removed', balancer: 'balancer in step' }[kind]}${seconds}: ${changed === 0 ? 'everything was so already, nothing was changed' : `${changed} steps changed something`}`;
  if (state === 'rolled-back') return `${nodeId}  rolled back${seconds}`;
  const step = steps.find((each) => each.state === 'failed')?.title;
  return `${nodeId}  ${state}${step === undefined ? '' : ` at "${step}"`}: ${printable(failure?.message ?? '')}
  ${printable(failure?.hint ?? '')}
  bulkhead run show ${runId.slice(0, 8)};  then  bulkhead run resume ${runId.slice(0, 8)}  or  bulkhead run rollback ${runId.slice(0, 8)}`;
}

export function runTable(runs: readonly RunSummary[]): string {
  return table(['run', 'what', 'node', 'state', 'changed', 'started', 'failure'], runs.map((run) => [
    run.runId.slice(0, 8), run.kind, run.nodeId, run.state, run.changed, new Date(run.startedAt).toISOString(), run.failure?.message ?? null,
  ]));
}

export function runText(run: RunDetail): string {
  const steps = table(['step', 'state', 'ms'], run.steps.map(({ title, state, durationMs }) => [title, state, durationMs]));
  const commands = run.commands.map(({ step, phase, command, exitCode, durationMs, lastLines }) =>
    `${step} ${phase}  [${exitCode ?? 'cut off'}, ${durationMs ?? '–'} ms]  ${printable(command)}${lastLines === null || lastLines === '' ? '' : `\n    ${lastLines.split('\n').map(printable).join('\n    ')}`}`);
  return `${runTable([run])}\n\n${steps}\n\n${commands.join('\n')}`;
}

export function planText(plans: readonly Planned[]): string {
  return plans.map(({ nodeId, host, product, steps }) => `${product ?? nodeId} on ${host}\n${steps.map((step, at) => {
    const lines = [...step.probe.map((line) => `only unless  ${line}`), ...step.apply.map((line) => `run          ${line}`), ...step.files.map(({ path, content }) => `content      ${path}\n${indented(content)}`)];
    return `\n${at + 1}. ${step.title}\n${lines.map((line) => `   ${line}`).join('\n')}`;
  }).join('\n')}`).join('\n\n');
}

function indented(text: string): string {
  return text.trimEnd().split('\n').map((line) => `                ${line}`).join('\n');
}
