import { Command } from 'commander';
import type { Planned } from '../../../contract/index.ts';
import { asChosenBefore, balancerFrom } from '../balancer-options.ts';
import type { CliContext } from '../cli-context.ts';
import { requireYes, yesOption } from '../confirmed.ts';
import { pastTime } from '../past-time.ts';
import { provisionNodes, tellPlans } from '../provision-nodes.ts';
import { planText, showRuns, tellRuns } from '../run-text.ts';
import { scriptOption } from '../script-option.ts';
import { nodeShowCommand } from './node-show.ts';
import { addNodeUpgrade } from './node-upgrade.ts';

interface ProvisionOptions {
  readonly cluster: string;
  readonly plan?: boolean;
  readonly accept?: string[];
  readonly script?: boolean;
  readonly balancer?: string;
}

/** `bulkhead node …`: hosts become nodes, and hosts again. */
export function nodeCommand(context: CliContext): Command {
  const { output, signal } = context;
  const node = new Command('node').description('nodes on hosts: provision, upgrade, restart, drain, remove, forget, logs');

  node.command('provision').description('make serving nodes of hosts, side by side; running it again changes nothing')
    .argument('<host...>')
    .requiredOption('--cluster <name>')
    .option('--plan', 'show every command and file, and do nothing')
    .addOption(scriptOption())
    .option('--balancer <host=product>', 'first make this host the balancer of the cluster, for example "front-1=nginx"; more about it: "bulkhead balancer apply --help"')
    .option('--accept <check...>', 'names of checks whose warnings are taken on; see "bulkhead host check"')
    .action(async (hostIds: string[], options: ProvisionOptions) => {
      const named = options.balancer === undefined ? undefined : balancerFrom(options.balancer);
      const balancer = named === undefined ? undefined : await asChosenBefore(await context.client(), options.cluster, named, signal);
      const plan = async (): Promise<Planned[]> => (await context.client()).call('nodes.plan', { clusterId: options.cluster, hostIds, ...(balancer === undefined ? {} : { balancer }) }, { signal });
      if (options.plan === true) return tellPlans(context, await plan(), options.script === true);
      // a host that is not there is found out before a balancer is written down
      if (balancer !== undefined) await plan();
      await provisionNodes(context, { ...options, hosts: hostIds, balancer });
    });

  node.command('remove').description('drain a node and take away what was installed; the filestore stays')
    .argument('<node>')
    .requiredOption('--cluster <name>')
    .option('--plan', 'show every command, and do nothing')
    .addOption(scriptOption())
    .addOption(yesOption())
    .action(async (nodeId: string, options: { cluster: string; plan?: boolean; script?: boolean; yes?: boolean }) => {
      if (options.plan === true) {
        const plan = await (await context.client()).call('nodes.removalPlan', { clusterId: options.cluster, nodeId }, { signal });
        return output.result(plan, options.script === true ? plan.script : planText([plan]));
      }
      requireYes(options.yes, `This ends ${nodeId} and removes it from its host`, 'See what it does with --plan. ');
      const client = await context.client();
      const stop = showRuns(client, output);
      try {
        tellRuns(context, [await client.call('nodes.remove', { clusterId: options.cluster, nodeId }, { signal })]);
      } finally {
        stop();
      }
    });

  addNodeUpgrade(node, context);
  node.addCommand(nodeShowCommand(context));

  node.command('logs').description('the latest lines of the journal of a node, read on its host')
    .argument('<node>')
    .requiredOption('--cluster <name>')
    .option('--lines <number>', 'how many', '100')
    .option('--search <words>', 'only lines that hold these words, in any case')
    .option('--since <time>', 'only lines from this time on, as 2026-01-31T12:00:00Z or "90m", "3h", "2d" ago', pastTime)
    .action(async (nodeId: string, { cluster, lines: count, search, since }: { cluster: string; lines: string; search?: string; since?: number }) => {
      const { lines } = await (await context.client()).call('nodes.journal', {
        clusterId: cluster, nodeId, lines: Number(count), ...(search === undefined ? {} : { search }), ...(since === undefined ? {} : { since }),
      }, { signal });
      output.result(lines, lines.join('\n'));
    });
  return node;
}
