import { Command, InvalidArgumentError } from 'commander';
import { mostDrills, type DrillReport } from '../../../contract/index.ts';
import { clusterOption, demoCluster, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { reportTable, reportText, summary, summaryTable } from '../drill-text.ts';
import { table } from '../table.ts';

/** `bulkhead failover …`: who was master when and why; hand over; a drill. */
export function failoverCommand(context: CliContext): Command {
  const { output, signal } = context;
  const failover = new Command('failover').description('masters of the cluster: history, planned change, drill');
  const sub = (name: string, description: string): Command =>
    failover.command(name).description(description).addOption(clusterOption());

  sub('status', 'epochs, newest first').action(async ({ cluster }: ClusterChoice) => {
    const history = await (await context.client()).call('failover.history', { clusterId: cluster }, { signal });
    const epochs = history.epochs.toSorted((a, b) => b.epoch - a.epoch);
    output.result(history, table(
      ['epoch', 'node', 'since', 'cause', 'gap ms'],
      epochs.map((entry) => [entry.epoch, entry.nodeId, entry.since, entry.cause, entry.gapMs]),
    ));
  });

  sub('handover', 'give the mastership to another node, without a gap')
    .argument('[node]', 'id of the next master; any when left out')
    .action(async (to: string | undefined, { cluster }: ClusterChoice) => {
      const client = await context.client();
      const master = await client.call('failover.handOver', { clusterId: cluster, ...(to === undefined ? {} : { to }) }, { signal });
      output.result(master, `${master.nodeId} is master, epoch ${master.epoch}`);
    });

  sub('drill', 'kill the master, and measure the time to the next one')
    .option('--times <n>', `drills, one after the other, 1 to ${mostDrills}`, times, 1)
    .option('--confirm <name>', 'for a cluster on hosts: its name again, because its clients are real ones')
    .action(async ({ cluster, confirm, times: wanted }: ClusterChoice & { confirm?: string; times: number }) => {
      const client = await context.client();
      const drills: DrillReport[] = [];
      while (drills.length < wanted) {
        // one that is not confirmed is refused, and kills nothing
        if (cluster === demoCluster.clusterId || confirm !== undefined) output.progress(`${wanted === 1 ? '' : `${drills.length + 1} of ${wanted}: `}killing the master, with requests under way …`);
        drills.push(await client.call('failover.drill', { clusterId: cluster, ...(confirm === undefined ? {} : { confirm }) }, { signal }));
      }
      const [only] = drills;
      if (wanted === 1 && only !== undefined) output.result(only, reportText(only));
      else output.result({ drills, ...summary(drills) }, `${reportTable(drills)}\n\n${summaryTable(drills)}`);
    });

  sub('drills', 'what earlier drills measured, newest first').action(async ({ cluster }: ClusterChoice) => {
    const { drills } = await (await context.client()).call('failover.drills', { clusterId: cluster }, { signal });
    output.result({ drills, ...summary(drills) }, drills.length === 0 ? 'No drill has been run' : `${reportTable(drills)}\n\n${summaryTable(drills)}`);
  });

  return failover;
}

function times(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= mostDrills) return count;
  throw new InvalidArgumentError(`A whole number from 1 to ${mostDrills}.`);
}
