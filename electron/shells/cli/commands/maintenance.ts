import { Command } from 'commander';
import { BulkheadError } from '../../../contract/index.ts';
import type { CliContext } from '../cli-context.ts';
import { table } from '../table.ts';

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `bulkhead maintenance on|off|list`: a node drained, and its alerts muted, until a time. */
export function maintenanceCommand(context: CliContext): Command {
  const { output, signal } = context;
  const maintenance = new Command('maintenance').description('nodes that are drained, with their alerts muted, until a time: on, off, list');

  maintenance.command('on').description('drain a node until then; it ends by itself').argument('<node>').requiredOption('--cluster <name>')
    .requiredOption('--for <time>', 'for example 90m, 4h, 2d')
    .option('--note <text>', 'why', '')
    .action(async (nodeId: string, options: { cluster: string; for: string; note: string }) => {
      const started = await (await context.client()).call('maintenance.start', { clusterId: options.cluster, nodeId, until: Date.now() + milliseconds(options.for), note: options.note }, { signal });
      output.result(started, `${nodeId} is in maintenance until ${new Date(started.until).toISOString()}${started.mutedNote === null ? '' : `; alerts are not muted: ${started.mutedNote}`}`);
    });

  maintenance.command('off').description('let it serve again').argument('<node>').requiredOption('--cluster <name>')
    .action(async (nodeId: string, { cluster }: { cluster: string }) => {
      await (await context.client()).call('maintenance.end', { clusterId: cluster, nodeId }, { signal });
      output.result({}, `${nodeId} serves again`);
    });

  maintenance.command('list').description('what is in maintenance').option('--cluster <name>').action(async ({ cluster }: { cluster?: string }) => {
    const list = await (await context.client()).call('maintenance.list', cluster === undefined ? {} : { clusterId: cluster }, { signal });
    output.result(list, table(['node', 'host', 'until', 'state', 'by', 'note'], list.map(({ nodeId, host, until, observed, by, note }) => [nodeId, host, new Date(until).toISOString(), observed, by, note])));
  });
  return maintenance;
}

function milliseconds(text: string): number {
  const [, number = '', unit = ''] = /^(\d+)([smhd])$/.exec(text) ?? [];
  const each = units[unit];
  if (each === undefined) throw new BulkheadError('ARGUMENT_INVALID', `"${text}" is no time`, { hint: 'Say for example 90m, 4h or 2d.' });
  return Number(number) * each;
}
