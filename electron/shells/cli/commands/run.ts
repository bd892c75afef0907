import { Command } from 'commander';
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

  for (const [name, operation, description] of [
    ['resume', 'runs.resume', 'go on where a run has stopped; what is so already is not done again'],
    ['rollback', 'runs.rollback', 'take back what a run has changed'],
  ] as const) {
    run.command(name).description(description).argument('<run>').action(async (runId: string) => {
      const client = await context.client();
      const stop = showRuns(client, output);
      try {
        tellRuns(context, [await client.call(operation, { runId }, { signal })]);
      } finally {
        stop();
      }
    });
  }
  return run;
}
