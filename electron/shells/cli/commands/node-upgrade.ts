import { Option, type Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { requireYes, yesOption } from '../confirmed.ts';
import { planText } from '../run-text.ts';
import { scriptOption } from '../script-option.ts';
import { followUpgrade, upgradePlanText } from '../upgrade-text.ts';

interface UpgradeOptions {
  readonly cluster: string;
  readonly to?: string;
  readonly batch: string;
  readonly keepReleases?: string;
  readonly accept?: string[];
  readonly plan?: boolean;
  readonly commands?: boolean;
  readonly script?: boolean;
}

/** `bulkhead node upgrade|restart|drain|undrain|forget`: what is done to nodes that are there. */
export function addNodeUpgrade(node: Command, context: CliContext): void {
  const { output, signal } = context;

  node.command('upgrade').description('bring every node to the version of this app, or to one that is still on the hosts; the master last')
    .requiredOption('--cluster <name>')
    .option('--to <release>', 'a release that the plan lists; that of this app when left out')
    .option('--batch <number>', 'nodes at a time', '1')
    .option('--keep-releases <number>', 'former releases that stay on each host; older ones are removed once every node runs the new one (2 when left out)')
    .option('--accept <check...>', 'names of checks whose warnings are taken on; "capacity" switches the only node of a cluster, which serves nobody meanwhile, "drained" lets one serve that was drained for maintenance')
    .option('--plan', 'show order, time and checks, and do nothing')
    .addOption(new Option('--commands', 'the plan with every command and file of each node; does nothing, as --plan').implies({ plan: true }))
    .addOption(scriptOption(' for each node'))
    .action(async ({ cluster, to, batch, keepReleases, accept, plan, commands, script }: UpgradeOptions) => {
      const client = await context.client();
      const request = {
        clusterId: cluster, batch: Number(batch), ...(to === undefined ? {} : { to }), ...(keepReleases === undefined ? {} : { keepReleases: Number(keepReleases) }),
        ...(accept === undefined ? {} : { acceptWarnings: accept }),
      };
      if (plan === true && (commands === true || script === true)) {
        const plans = await client.call('upgrade.commands', request, { signal });
        return output.result(plans, script === true ? plans.map((each) => each.script).join('\n') : planText(plans));
      }
      if (plan === true) {
        const planned = await client.call('upgrade.plan', request, { signal });
        return output.result(planned, upgradePlanText(planned));
      }
      await followUpgrade(context, client, await client.call('upgrade.start', request, { signal }));
    });

  node.command('restart').description('drain a node, restart it, prove it, let it serve again').argument('<node>').requiredOption('--cluster <name>')
    .option('--accept <check...>', 'names of checks whose warnings are taken on; "capacity" restarts the only node of a cluster')
    .action(async (nodeId: string, { cluster, accept = [] }: { cluster: string; accept?: string[] }) => {
      const client = await context.client();
      await followUpgrade(context, client, await client.call('nodes.restart', { clusterId: cluster, nodeId, acceptWarnings: accept }, { signal }));
    });

  node.command('drain').description('take no new requests; what is under way finishes').argument('<node>').requiredOption('--cluster <name>')
    .option('--deadline <seconds>', 'requests under way are waited for this long', '300')
    .action(async (nodeId: string, { cluster, deadline }: { cluster: string; deadline: string }) => {
      await (await context.client()).call('node.drain', { clusterId: cluster, nodeId, deadlineSeconds: Number(deadline) }, { signal });
      output.result({}, `${nodeId} drains; "bulkhead node undrain ${nodeId} --cluster ${cluster}" lets it serve again`);
    });

  node.command('undrain').description('serve again').argument('<node>').requiredOption('--cluster <name>')
    .action(async (nodeId: string, { cluster }: { cluster: string }) => {
      await (await context.client()).call('node.undrain', { clusterId: cluster, nodeId }, { signal });
      output.result({}, `${nodeId} serves again`);
    });

  node.command('forget').description('for a host that is gone for good: it cannot come back unless it is provisioned again').argument('<node>').requiredOption('--cluster <name>')
    .addOption(yesOption())
    .action(async (nodeId: string, { cluster, yes }: { cluster: string; yes?: boolean }) => {
      requireYes(yes, `${nodeId} would be shut out of the cluster`);
      await (await context.client()).call('nodes.forget', { clusterId: cluster, nodeId }, { signal });
      output.result({}, `forgot ${nodeId}`);
    });
}
