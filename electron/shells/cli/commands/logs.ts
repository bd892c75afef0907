import { Command } from 'commander';
import { clusterOption, firstItem, followStream, patienceFor, type CliContext, type ClusterChoice } from '../cli-context.ts';
import type { ResultOf } from '../../../contract/index.ts';
import { printable } from '../table.ts';

type Batch = ResultOf<'node.log'>;

/** `bulkhead logs NODE`: the latest lines of a node's log; with `--json` one line for each. */
export function logsCommand(context: CliContext): Command {
  return new Command('logs')
    .description('the latest lines of the log of a node')
    .argument('<node>', 'id of the node, for example node-1')
    .addOption(clusterOption())
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .action(async (nodeId: string, options: ClusterChoice & { follow?: boolean }) => {
      const client = await context.client();
      const node = { clusterId: options.cluster, nodeId };
      const show = (batch: Batch): void => {
        for (const line of batch.lines) {
          context.output.result(line, `${new Date(line.at).toISOString()}  ${line.level.padEnd(5)}  ${line.topic.padEnd(10)}  ${printable(line.text)}`);
        }
      };
      if (options.follow === true) await followStream(client, 'node.log', node, context.signal, show);
      else show(await firstItem(client, 'node.log', node, () => true, patienceFor(options), context.signal));
    });
}
