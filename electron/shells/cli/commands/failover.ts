import { Command } from 'commander';
import { clusterOption, type CliContext, type ClusterChoice } from '../cli-context.ts';
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
    .option('--confirm <name>', 'for a cluster on hosts: its name again, because its clients are real ones')
    .action(async ({ cluster, confirm }: ClusterChoice & { confirm?: string }) => {
    const client = await context.client();
    output.progress('killing the master, with requests under way …');
    const drill = await client.call('failover.drill', { clusterId: cluster, ...(confirm === undefined ? {} : { confirm }) }, { signal });
    const { probes } = drill;
    output.result(drill, `killed        ${drill.killedNodeId}, master of epoch ${drill.epochBefore}
new master    ${drill.newMaster}, epoch ${drill.epochAfter}, after ${Math.round(drill.masterAfterMs)} ms
requests      ${probes.sent} sent, ${probes.failed} failed, slowest ${Math.round(probes.slowestMs)} ms
restored      ${drill.restoredAfterMs === null ? 'no' : `after ${Math.round(drill.restoredAfterMs)} ms`}`);
  });

  return failover;
}
