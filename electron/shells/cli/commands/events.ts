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
      const stop = clusterId === demoCluster.clusterId ? undefined : await caughtUp(client, clusterId, patienceFor(options), context.signal);
      try {
        const { entries } = await client.call('journal.list', { limit: options.limit, clusterId }, { signal: context.signal });
        for (const entry of entries.toSorted((a, b) => a.id - b.id)) show(entry);
        if (options.follow === true) await followStream(client, 'journal.watch', { clusterId }, context.signal, show);
      } finally {
        stop?.();
      }
    });
}

/** Nobody may have followed this cluster before: waits until what its nodes remember has been written down, so long and no longer. Returns what ends the following. */
function caughtUp(client: ContractClient, clusterId: string, patienceMs: number, signal: AbortSignal): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const latest = setTimeout(resolve, patienceMs, undefined);
  let timer: NodeJS.Timeout | null = null;
  const interrupted = (): void => resolve(undefined);
  if (signal.aborted) interrupted();
  signal.addEventListener('abort', interrupted, { once: true });
  const quiet = (): void => {
    clearTimeout(timer ?? undefined);
    timer = setTimeout(resolve, quietMs, undefined);
  };
  const stops = [
    client.subscribe('journal.watch', { clusterId }, { item: quiet, error: () => resolve(undefined), end: () => undefined }),
    client.subscribe('topology.watch', { clusterId }, {
      // pictures come all the time: only the first of them tells that there is something to be heard, or nothing
      item: ({ freshness, lifecycle }) => { if (timer === null && (freshness === 'live' || lifecycle === 'off')) quiet(); },
      error: () => resolve(undefined), end: () => undefined,
    }),
  ];
  return promise.then(() => {
    clearTimeout(latest);
    clearTimeout(timer ?? undefined);
    signal.removeEventListener('abort', interrupted);
    return () => { for (const stop of stops) stop(); };
  });
}

function eventLine(entry: JournalEntry): string {
  const at = new Date(entry.at).toISOString();
  return `${at}  ${entry.severity.padEnd(7)}  ${(entry.nodeId ?? '–').padEnd(8)}  ${printable(entry.message)}`;
}
