import { Command } from 'commander';
import type { ContractClient, JournalEntry } from '../../../contract/index.ts';
import { clusterOption, demoCluster, followStream, patienceFor, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { printable } from '../table.ts';
import { wholeNumber } from './demo.ts';

/** So long without a new event, milliseconds: what there was has been read. */
const quietMs = 1500;

/** `bulkhead events`: what happened; with `--json` one line for each event. */
export function eventsCommand(context: CliContext): Command {
  return new Command('events')
    .description('what happened: events of the cluster, observations, and acts of people')
    .addOption(clusterOption())
    .option('--limit <n>', 'how many of the latest, 1 to 500', wholeNumber, 50)
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .action(async (options: ClusterChoice & { limit: number; follow?: boolean }) => {
      const client = await context.client();
      const show = (entry: JournalEntry): void => context.output.result(entry, eventLine(entry));
      const clusterId = options.cluster;
      const stop = clusterId === demoCluster.clusterId ? undefined : await caughtUp(client, clusterId, patienceFor(options));
      const { entries } = await client.call('journal.list', { limit: options.limit, clusterId }, { signal: context.signal });
      for (const entry of entries.toSorted((a, b) => a.id - b.id)) show(entry);
      if (options.follow === true) await followStream(client, 'journal.watch', { clusterId }, context.signal, show);
      stop?.();
    });
}

/** Nobody may have followed this cluster before: waits until what its nodes remember has been written down. Returns what ends the following. */
function caughtUp(client: ContractClient, clusterId: string, patienceMs: number): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  let timer = setTimeout(resolve, patienceMs, undefined);
  const quiet = (): void => {
    clearTimeout(timer);
    timer = setTimeout(resolve, quietMs, undefined);
  };
  const stops = [
    client.subscribe('journal.watch', { clusterId }, { item: quiet, error: () => resolve(undefined), end: () => undefined }),
    client.subscribe('topology.watch', { clusterId }, { item: ({ freshness, lifecycle }) => { if (freshness === 'live' || lifecycle === 'off') quiet(); }, error: () => resolve(undefined), end: () => undefined }),
  ];
  return promise.then(() => () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
  });
}

function eventLine(entry: JournalEntry): string {
  const at = new Date(entry.at).toISOString();
  return `${at}  ${entry.severity.padEnd(7)}  ${(entry.nodeId ?? '–').padEnd(8)}  ${printable(entry.message)}`;
}
