import { resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Command } from 'commander';
import { BulkheadError, type Balancer, type BalancerOptions, type BalancerPreview, type BalancerProduct, type BalancerStatus, type ContractClient } from '../../../contract/index.ts';
import { optionsFrom, withBalancerFlags, type BalancerFlags } from '../balancer-options.ts';
import type { CliContext } from '../cli-context.ts';
import { requireYes, yesOption } from '../confirmed.ts';
import { exitCodes } from '../exit-codes.ts';
import { writeTexts } from '../local-files.ts';
import { planText, showRuns, tellRuns } from '../run-text.ts';
import { scriptOption } from '../script-option.ts';
import { printable, table } from '../table.ts';

type InCluster = BalancerFlags & { readonly cluster: string };

/** `bulkhead balancer …`: nginx, HAProxy or Apache httpd in front of a cluster. */
export function balancerCommand(context: CliContext): Command {
  const { output, signal } = context;
  const balancer = new Command('balancer').description('nginx, HAProxy or Apache httpd in front of a cluster: render, export, apply, diff, list, status, undo, remove');
  const running = async (client: ContractClient, work: () => Promise<Parameters<typeof tellRuns>[1]>): Promise<void> => {
    const stop = showRuns(client, output);
    try {
      tellRuns(context, await work());
    } finally {
      stop();
    }
  };

  withBalancerFlags(balancer.command('render').description('print what a product would be given; asks no host').requiredOption('--cluster <name>'))
    .action(async (flags: InCluster) => {
      const rendered = await (await context.client()).call('balancers.render', { clusterId: flags.cluster, product: productOf(flags), options: optionsFrom(flags) }, { signal });
      output.result(rendered, rendered.files.map(({ content }) => content).join('\n'));
    });

  withBalancerFlags(balancer.command('export').description('write the files and what to do with them into a folder').requiredOption('--cluster <name>').requiredOption('--to <folder>', 'made when it is not there'))
    .action(async (flags: InCluster & { to: string }) => {
      const { files } = await (await context.client()).call('balancers.export', { clusterId: flags.cluster, product: productOf(flags), options: optionsFrom(flags) }, { signal });
      const folder = resolve(flags.to);
      await writeTexts(folder, files);
      output.result({ folder, files: files.map(({ name }) => name) }, `wrote ${files.map(({ name }) => name).join(', ')} to ${folder}`);
    });

  withBalancerFlags(balancer.command('apply').description('make a host the balancer of a cluster, or bring it in step; running it again changes nothing')
    .argument('<host>').option('--cluster <name>', 'needed the first time, with --product').option('--plan', 'show every command and what would change, and do nothing').addOption(scriptOption())
    .option('--reset', 'begin with the defaults: of a balancer that is there, what is not said stays as it was chosen'))
    .action(async (host: string, flags: BalancerFlags & { cluster?: string; plan?: boolean; script?: boolean }) => {
      const client = await context.client();
      const known = await find(client, host, flags.cluster, signal);
      if (flags.plan === true) return plan(context, client, host, known, flags);
      const wanted = wantedOf(known, flags);
      if (known === undefined || !isDeepStrictEqual(wanted, wantedOf(known, {}))) await client.call('balancers.assign', { ...wanted, hostId: host }, { signal });
      const { balancerId } = await found(client, host, flags.cluster, signal);
      await running(client, async () => [await client.call('balancers.apply', { balancerId }, { signal })]);
      await tellUninformed(context, client, (await found(client, host, flags.cluster, signal)).clusterId);
    });

  balancer.command('list').description('balancers that this app keeps in step').option('--cluster <name>').action(async ({ cluster }: { cluster?: string }) => {
    const list = await (await context.client()).call('balancers.list', cluster === undefined ? {} : { clusterId: cluster }, { signal });
    output.result(list, table(['host', 'product', 'address', 'nodes', 'applied', 'in step'], list.map((each) => [
      each.host, each.product, each.url, each.appliedBackends.map(({ nodeId }) => nodeId).join(' ') || null,
      each.appliedAt === null ? null : new Date(each.appliedAt).toISOString(), each.outdated ? 'no' : 'yes',
    ])));
  });

  balancer.command('diff').description('what an apply would change on the host now').argument('<host>').option('--cluster <name>').action(async (host: string, { cluster }: { cluster?: string }) => {
    const client = await context.client();
    const { balancerId } = await found(client, host, cluster, signal);
    const preview = await client.call('balancers.preview', { balancerId }, { signal });
    output.result(preview, diffText(preview));
  });

  balancer.command('status').description('is it in step with the cluster? Asks the host').argument('<host>').option('--cluster <name>').action(async (host: string, { cluster }: { cluster?: string }) => {
    const client = await context.client();
    const { balancerId } = await found(client, host, cluster, signal);
    const status = await client.call('balancers.status', { balancerId }, { signal });
    if (status.state !== 'in-step') context.outcome.exitCode = exitCodes.refused;
    output.result(status, statusText(status));
  });

  balancer.command('undo').description('back to the version before the latest one').argument('<host>').option('--cluster <name>').action(async (host: string, { cluster }: { cluster?: string }) => {
    const client = await context.client();
    const { balancerId } = await found(client, host, cluster, signal);
    await running(client, async () => [await client.call('balancers.undo', { balancerId }, { signal })]);
  });

  balancer.command('remove').description('take away what was put on the host; the product stays').argument('<host>').option('--cluster <name>')
    .option('--host-gone', 'only forget it here').addOption(yesOption())
    .action(async (host: string, options: { cluster?: string; hostGone?: boolean; yes?: boolean }) => {
      requireYes(options.yes, `Clients that use the balancer on ${host} will not reach the cluster through it any more`);
      const client = await context.client();
      const { balancerId, clusterId } = await found(client, host, options.cluster, signal);
      await running(client, async () => {
        const run = await client.call('balancers.remove', { balancerId, hostGone: options.hostGone === true }, { signal });
        return run === null ? [] : [run];
      });
      await tellUninformed(context, client, clusterId);
    });
  return balancer;
}

interface Wanted {
  readonly clusterId: string;
  readonly product: BalancerProduct;
  readonly options: BalancerOptions;
}

/** What a host is to be: what is said, and of everything else what it is already. */
function wantedOf(known: Balancer | undefined, flags: BalancerFlags & { cluster?: string }): Wanted {
  const clusterId = known?.clusterId ?? flags.cluster;
  if (clusterId === undefined) throw new BulkheadError('ARGUMENT_INVALID', 'The cluster is missing', { hint: 'Name it with --cluster.' });
  return { clusterId, product: flags.product ?? known?.product ?? productOf(flags), options: optionsFrom(flags, known?.options) };
}

/** Of a balancer that stays as it is: its commands and the difference; of one that is new, or is to be another: what it would be given. */
async function plan(context: CliContext, client: ContractClient, host: string, known: Balancer | undefined, flags: BalancerFlags & { cluster?: string; script?: boolean }): Promise<void> {
  const { output, signal } = context;
  const wanted = wantedOf(known, flags);
  if (known !== undefined && isDeepStrictEqual(wanted, wantedOf(known, {}))) {
    const { balancerId } = known;
    const planned = await client.call('balancers.plan', { balancerId }, { signal });
    if (flags.script === true) {
      output.result(planned, planned.script);
      return;
    }
    const preview = await client.call('balancers.preview', { balancerId }, { signal });
    output.result({ planned, preview }, `${planText([planned])}\n\n${diffText(preview)}`);
    return;
  }
  const planned = await client.call('balancers.plan', { ...wanted, hostId: host }, { signal });
  if (flags.script === true) {
    output.result(planned, planned.script);
    return;
  }
  const rendering = await client.call('balancers.render', wanted, { signal });
  output.result({ planned, rendering }, `${[...rendering.warnings.map((line) => `note: ${line}`), rendering.limits.summary, `needs         ${rendering.install}`, `check         ${rendering.check}`, `run           ${rendering.reload}`].join('\n')}\n\n${planText([planned])}`);
}

function productOf({ product }: BalancerFlags): BalancerProduct {
  if (product === undefined) throw new BulkheadError('ARGUMENT_INVALID', 'The product is missing', { hint: 'Say --product nginx, haproxy or apache.' });
  return product;
}

async function find(client: ContractClient, host: string, clusterId: string | undefined, signal: AbortSignal): Promise<Balancer | undefined> {
  const list = await client.call('balancers.list', clusterId === undefined ? {} : { clusterId }, { signal });
  const [known, other] = list.filter((each) => [each.host, each.hostId, each.balancerId].includes(host));
  // what is done to one of them is not meant for the other
  if (other !== undefined) throw new BulkheadError('ARGUMENT_INVALID', `"${host}" is a balancer of more than one cluster`, { hint: 'Name one of them with --cluster.' });
  return known;
}

async function found(client: ContractClient, host: string, clusterId: string | undefined, signal: AbortSignal): Promise<Balancer> {
  const balancer = await find(client, host, clusterId, signal);
  if (balancer === undefined) throw new BulkheadError('BALANCER_NOT_FOUND', `"${host}" is no balancer${clusterId === undefined ? '' : ' of this cluster'}`);
  return balancer;
}

/** What is left to do once a balancer is there or gone: nodes go by what they were provisioned with. */
async function tellUninformed({ output, signal }: CliContext, client: ContractClient, clusterId: string): Promise<void> {
  const { baseUrl, nodes } = await client.call('balancers.uninformed', { clusterId }, { signal });
  if (nodes.length === 0) return;
  const cluster = (await client.call('clusters.lan', {}, { signal })).find((each) => each.clusterId === clusterId)?.settings.name ?? clusterId;
  for (const { nodeId, baseUrl: named, untrusted, stale } of nodes) {
    output.progress([
      `${nodeId}:`, named === baseUrl || baseUrl === null ? '' : `tells clients ${named} in place of ${baseUrl};`,
      untrusted.length === 0 ? '' : `does not trust ${untrusted.join(', ')};`, stale.length === 0 ? '' : `still trusts ${stale.join(', ')};`,
    ].filter((part) => part !== '').join(' ').replace(/;$/, ''));
  }
  output.progress(`Tell the nodes, one after the other, each drained first:  bulkhead node provision --cluster ${cluster} ${nodes.map(({ host }) => host).join(' ')}`);
}

function diffText({ diffs, version, product, changed, warnings }: BalancerPreview): string {
  const notes = warnings.map((line) => `note: ${line}`);
  const head = version === null ? [`${product} is not installed on the host`] : [];
  return [...head, ...notes, changed ? diffs.map(({ unified }) => unified.trimEnd()).join('\n') : 'nothing would change'].join('\n');
}

function statusText({ host, product, version, state, reason, running, appliedAt, backends, canUndo }: BalancerStatus): string {
  const lines = [
    `${host}  ${product}${version === null ? '' : ` ${version}`}  ${state}${reason === '' ? '' : `: ${printable(reason)}`}`,
    `running ${running === null ? 'unknown' : running ? 'yes' : 'no'}, applied ${appliedAt === null ? 'never' : new Date(appliedAt).toISOString()}${canUndo ? ', can be undone' : ''}`,
  ];
  return `${lines.join('\n')}\n${table(['node', 'address', 'on the host', 'wanted'], backends.map((each) => [each.nodeId, each.url, each.onHost, each.wanted]))}`;
}
