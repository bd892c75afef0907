import { Command } from 'commander';
import type { HostVitals, Learned, NodeDetails } from '../../../contract/index.ts';
import { clusterOption, firstItem, patienceFor, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { exitCodes } from '../exit-codes.ts';

/** `bulkhead node show NODE`: everything that is known of one node, with the age of each fact. Exits with 3 when it does not serve. */
export function nodeShowCommand(context: CliContext): Command {
  return new Command('show')
    .description('everything that is known of a node: its own word, its service, its host')
    .argument('<node>')
    .addOption(clusterOption())
    .action(async (nodeId: string, options: ClusterChoice) => {
      const client = await context.client();
      const isWhole = ({ condition, host, service }: NodeDetails): boolean =>
        condition !== 'unknown' && service !== null && (host === null || host.reachability === 'unreachable' || host.facts !== null);
      const details = await firstItem(client, 'nodes.details', { clusterId: options.cluster, nodeId }, isWhole, patienceFor(options), context.signal);
      context.output.result(details, describe(details));
      if (details.condition !== 'serving') context.outcome.exitCode = exitCodes.notRunning;
    });
}

function describe({ nodeId, condition, sentence, lastKnown, api, host, unit, process, version, service, clock }: NodeDetails): string {
  const lines = [
    row('node', `${nodeId}: ${condition}`), row('', sentence),
    ...(lastKnown === null ? [] : [row('last known', `${lastKnown.condition}, ${new Date(lastKnown.at).toISOString()}`)]),
    row('reached', api.way === 'none' ? `not at all${api.problem === null ? '' : ` (${api.problem.code}: ${api.problem.message})`}` : api.way),
    row('version', `${version.running ?? '?'} runs, ${version.installed ?? '?'} is installed${version.releases.length === 0 ? '' : `, on the host: ${version.releases.join(', ')}`}`),
  ];
  if (unit !== null) lines.push(row('service', `${unit.activeState} (${unit.subState}), ${unit.restarts} restarts${unit.since === null ? '' : `, since ${new Date(unit.since).toISOString()}`}${told(unit.learned)}`));
  if (process !== null) lines.push(row('process', `${bytes(process.memoryBytes)}, ${process.cpuPercent ?? '?'} % of a core, ${process.openFiles ?? '?'} of ${process.openFilesLimit ?? '?'} files open`));
  if (service !== null) {
    const { isMaster, epoch, inFlight, pool, rates, learned } = service;
    lines.push(row('work', `${isMaster ? 'master' : 'member'} of epoch ${epoch ?? '?'}, ${inFlight} in flight, pool ${pool.inUse}/${pool.max}${rates === null ? '' : `, ${Math.round(rates.requestsPerSecond)} requests/s, event loop ${Math.round(rates.eventLoopP99Ms)} ms`}${told(learned)}`));
  }
  if (host !== null) lines.push(row('host', `${host.name} (${host.address}): ${host.reachability}${host.problem === null ? '' : `, ${host.problem.message}`}`));
  if (host?.facts) lines.push(...describeHost(host.facts));
  if (clock !== null) lines.push(row('clock', `${clock.offsetMs} ms off the database's (± ${clock.uncertaintyMs})`));
  return lines.join('\n');
}

function describeHost({ cores, cpuPercent, load1, memoryAvailableBytes, memoryTotalBytes, disks, learned }: HostVitals): string[] {
  return [
    row('', `${cores} cores, ${cpuPercent ?? '?'} % busy, load ${load1}; ${bytes(memoryAvailableBytes)} of ${bytes(memoryTotalBytes)} memory free${told(learned)}`),
    ...disks.map(({ purpose, path, availableBytes, totalBytes }) => row('', `${purpose} (${path}): ${bytes(availableBytes)} of ${bytes(totalBytes)} free`)),
  ];
}

function row(label: string, text: string): string {
  return `${label.padEnd(11)} ${text}`;
}

/** Said only of what is not from this moment. */
function told({ freshness, ageMs }: Learned): string {
  return freshness === 'live' ? '' : ` (${freshness}: ${Math.round(ageMs / 1000)} s ago)`;
}

function bytes(value: number | null): string {
  if (value === null) return '?';
  return value >= 1e9 ? `${(value / 1e9).toFixed(1)} GB` : `${Math.round(value / 1e6)} MB`;
}
