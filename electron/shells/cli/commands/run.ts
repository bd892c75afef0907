import { Command } from 'commander';
import type { ContractClient, RunSummary } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { runTable, runText, showRuns, tellRuns } from '../run-text.ts';

/** `bulkhead run …`: what was done to hosts, step by step; to go on with, or to take back. */
export function runCommand(context: CliContext): Command {
  const { output, signal } = context;
  const run = new Command('run').description('provisioning and removal, as recorded: list, show, resume, roll back');

  run.command('list').description('newest first').option('--limit <number>', '', '20').action(async (options: { limit: string }) => {
    const runs = await (await context.client()).call('runs.list', { limit: Number(options.limit) }, { signal });
    output.result(runs, runTable(runs));
  });

  run.command('show').description('every step and every command of a run').argument('<run>').action(async (runId: string) => {
    const detail = await (await context.client()).call('runs.show', { runId }, { signal });
    output.result(detail, runText(detail));
  });

  run.command('resume').description('go on where a run has stopped; what is so already is not done again').argument('<run>')
    .option('--accept <check...>', 'names of checks whose warnings are taken on')
    .action((runId: string, { accept = [] }: { accept?: string[] }) => shown(context, (client) => client.call('runs.resume', { runId, acceptWarnings: accept }, { signal })));

  run.command('rollback').description('take back what a run has changed').argument('<run>')
    .action((runId: string) => shown(context, (client) => client.call('runs.rollback', { runId }, { signal })));
  return run;
}

/** Tells each step while the run is under way, and how it ended. */
async function shown(context: CliContext, work: (client: ContractClient) => Promise<RunSummary>): Promise<void> {
  const client = await context.client();
  const stop = showRuns(client, context.output);
  try {
    tellRuns(context, [await work(client)]);
  } finally {
    stop();
  }
}
