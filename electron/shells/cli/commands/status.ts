import { Command } from 'commander';
import type { Balancer, Topology, TopologyNode } from '../../../contract/index.ts';
import { clusterOption, firstItem, patienceFor, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';
import { table, type Cell } from '../table.ts';

/** `bulkhead status`: one picture of the cluster, every value with its age. Exits with 3 when nothing serves. */
export function statusCommand(context: CliContext): Command {
  return new Command('status')
    .description('state of the cluster and its nodes, each fact with its age')
    .addOption(clusterOption())
    .action(async (options: ClusterChoice) => {
      const client = await context.client();
      const settled = (picture: Topology): boolean =>
        // a cluster on hosts counts as off until it was looked at for the first time
        (picture.lifecycle === 'off' && picture.kind === 'demo') || (picture.freshness === 'live' && picture.nodes.length > 0 && picture.nodes.every(({ condition }) => condition !== 'unknown'));
      const picture = await firstItem(client, 'topology.watch', { clusterId: options.cluster }, settled, patienceFor(options), context.signal);
      const balancers = picture.kind === 'lan' ? await client.call('balancers.list', { clusterId: picture.clusterId }, { signal: context.signal }) : [];
      const elsewhere = picture.kind === 'demo' && picture.lifecycle === 'off' ? await client.call('clusters.lan', {}, { signal: context.signal }) : [];
      const hints = elsewhere.map(({ settings: { name } }) => `\non hosts  ${name}: bulkhead status --cluster ${name}`);
      context.output.result(picture, `${describeTopology(picture, balancers)}${hints.join('')}`);
      if (!picture.nodes.some((node) => node.observed === 'serving')) context.outcome.exitCode = exitCodes.notRunning;
    });
}

function describeTopology(picture: Topology, balancers: readonly Balancer[]): string {
  const { master, balancer, database } = picture;
  const facts: string[] = [
    `cluster   ${picture.name}: ${picture.lifecycle}${picture.freshness === 'live' ? '' : `, ${picture.freshness}`}`,
    `master    ${master === null ? 'none' : `${master.nodeId}, epoch ${master.epoch}, since ${master.since}`}`,
    ...balancerFacts(balancer, balancers),
    `database  ${picture.databaseState}${database === null ? '' : `, ${database.granted} of ${database.budget} connections granted, ${database.free} free`}`,
  ];
  if (picture.failure !== null) facts.push(`failure   ${picture.failure.code}: ${picture.failure.message}\n          ${picture.failure.hint}`);
  if (picture.collectionLocked !== null) facts.push(`locked    collection: ${picture.collectionLocked}`);
  if (picture.nodes.length === 0) return facts.join('\n');
  return `${facts.join('\n')}\n\n${table(['node', 'state', 'role', 'age ms', 'in flight', 'pool', 'address', 'note'], picture.nodes.map(nodeRow))}`;
}

/** The balancer that is a part of the cluster, or those on hosts of their own, one a line. */
function balancerFacts(own: Topology['balancer'], others: readonly Balancer[]): string[] {
  if (own !== null) return [`balancer  ${own.url}, ${own.state}`];
  if (others.length === 0) return ['balancer  none'];
  return others.map(({ url, product, host, outdated }) => `balancer  ${url}, ${product} on ${host}, ${outdated ? 'not in step with the nodes' : 'in step'}`);
}

function nodeRow(node: TopologyNode): Cell[] {
  const { reported } = node;
  return [
    node.nodeId,
    node.freshness === 'live' ? node.condition ?? node.observed : `${node.condition ?? node.observed} (${node.freshness})`,
    node.isMaster ? 'master' : '',
    node.ageMs === null ? null : Math.round(node.ageMs),
    reported?.inFlight ?? null,
    reported?.pool === undefined ? null : `${reported.pool.inUse}/${reported.pool.max}`,
    node.url,
    node.note ?? '',
  ];
}
