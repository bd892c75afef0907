import { Command } from 'commander';
import type { JournalEntry } from '../../../contract/index.ts';
import { demoCluster, followStream, type CliContext } from '../cli-context.ts';
import { printable } from '../table.ts';
import { wholeNumber } from './demo.ts';

/** `bulkhead events`: what happened; with `--json` one line for each event. */
export function eventsCommand(context: CliContext): Command {
  return new Command('events')
    .description('what happened: events of the cluster, observations, and acts of people')
    .option('--limit <n>', 'how many of the latest, 1 to 500', wholeNumber, 50)
    .option('--follow', 'go on with what comes, until Ctrl-C')
    .action(async (options: { limit: number; follow?: boolean }) => {
      const client = await context.client();
      const show = (entry: JournalEntry): void => context.output.result(entry, eventLine(entry));
      const { entries } = await client.call('journal.list', { limit: options.limit, clusterId: demoCluster.clusterId }, { signal: context.signal });
      for (const entry of entries.toSorted((a, b) => a.id - b.id)) show(entry);
      if (options.follow === true) await followStream(client, 'journal.watch', { clusterId: demoCluster.clusterId }, context.signal, show);
    });
}

function eventLine(entry: JournalEntry): string {
  const at = new Date(entry.at).toISOString();
  return `${at}  ${entry.severity.padEnd(7)}  ${(entry.nodeId ?? '–').padEnd(8)}  ${printable(entry.message)}`;
}
