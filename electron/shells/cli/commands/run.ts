import { Command } from 'commander';
import { BulkheadError, type ContractClient, type RunSummary } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { runTable, runText, showRuns, tellRuns } from '../run-text.ts';
import { followUpgrade, upgradeTable, upgradeText } from '../upgrade-text.ts';
import { wholeNumber } from './demo.ts';

interface ClusterOption { readonly cluster?: string }

const ofCluster = ['--cluster <name>', 'an upgrade or restart of this cluster: its record is in the cluster, not in this app'] as const;

/** `bulkhead run …`: what was done to hosts, step by step; to go on with, or to take back. */
export function runCommand(context: CliContext): Command {
  const { output, signal } = context;
  const run = new Command('run').description('provisioning, removal and upgrades, as recorded: list, show, resume, roll back, pause');

  run.command('list').description('newest first').option('--limit <number>', 'how many', wholeNumber, 20).option(...ofCluster).action(async ({ limit, cluster }: ClusterOption & { limit: number }) => {
    const client = await context.client();
    if (cluster !== undefined) {
      const upgrades = (await client.call('upgrade.list', { clusterId: cluster }, { signal })).slice(0, limit);
      return output.result(upgrades, upgradeTable(upgrades));
    }
    const runs = await client.call('runs.list', { limit }, { signal });
    output.result(runs, runTable(runs));
  });

  run.command('show').description('every step and every command of a run').argument('<run>').option(...ofCluster).action(async (runId: string, { cluster }: ClusterOption) => {
    const client = await context.client();
    if (cluster !== undefined) {
      const upgrade = await client.call('upgrade.show', { clusterId: cluster, runId }, { signal });
      return output.result(upgrade, upgradeText(upgrade));
    }
    const detail = await client.call('runs.show', { runId }, { signal });
    output.result(detail, runText(detail));
  });

  run.command('resume').description('go on where a run has stopped; what is so already is not done again').argument('<run>').option(...ofCluster)
    .option('--accept <check...>', 'names of checks whose warnings are taken on')
    .action(async (runId: string, { accept = [], cluster }: ClusterOption & { accept?: string[] }) => {
      if (cluster === undefined) return shown(context, (client) => client.call('runs.resume', { runId, acceptWarnings: accept }, { signal }));
      if (accept.length > 0) throw new BulkheadError('ARGUMENT_INVALID', 'An upgrade has no warnings that could be accepted once it has begun');
      const client = await context.client();
      await followUpgrade(context, client, await client.call('upgrade.resume', { clusterId: cluster, runId }, { signal }));
    });

  run.command('rollback').description('take back what a run has changed').argument('<run>').option(...ofCluster)
    .action(async (runId: string, { cluster }: ClusterOption) => {
      if (cluster === undefined) return shown(context, (client) => client.call('runs.rollback', { runId }, { signal }));
      const client = await context.client();
      await followUpgrade(context, client, await client.call('upgrade.rollback', { clusterId: cluster, runId }, { signal }));
    });

  run.command('pause').description('stop an upgrade between two nodes').argument('<run>').requiredOption(...ofCluster)
    .action(async (runId: string, { cluster }: { cluster: string }) => {
      const upgrade = await (await context.client()).call('upgrade.pause', { clusterId: cluster, runId }, { signal });
      output.result(upgrade, `${upgrade.runId.slice(0, 8)} pauses once the node under way is done`);
    });
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
