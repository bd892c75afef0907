import { Command } from 'commander';
import type { ArgsOf } from '../../../contract/index.ts';
import { clusterOption, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { pastTime } from '../past-time.ts';
import { table } from '../table.ts';
import { wholeNumber } from './demo.ts';

interface AuditOptions extends ClusterChoice {
  readonly user?: string;
  readonly action?: string;
  readonly repo?: string;
  readonly result?: string;
  readonly since?: number;
  readonly until?: number;
  readonly before?: number;
  readonly limit: number;
}

/** `bulkhead audit`: the audit log of a cluster, newest first. */
export function auditCommand(context: CliContext): Command {
  return new Command('audit')
    .description('audit log of the cluster: who did or tried what, from where, and how it ended')
    .addOption(clusterOption())
    .option('--user <name>', 'exactly this one; "anonymous" for requests without credentials')
    .option('--action <action>', 'read, annotate, deploy, delete, manage or login')
    .option('--repo <key>', 'only in this repository')
    .option('--result <result>', 'OK, "refused", or the code of an error such as FORBIDDEN')
    .option('--since <time>', 'from then on, as 2026-01-31T12:00:00Z or "90m", "3h", "2d" ago', pastTime)
    .option('--until <time>', 'before then', pastTime)
    .option('--before <id>', 'entries older than this one, to page back', wholeNumber)
    .option('--limit <n>', 'how many, 1 to 1000', wholeNumber, 100)
    .action(async ({ cluster, repo, limit, ...given }: AuditOptions) => {
      const filter = { ...given, repository: repo };
      const asked = { clusterId: cluster, limit, ...Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) } as ArgsOf<'audit.list'>;
      const page = await (await context.client()).call('audit.list', asked, { signal: context.signal });
      const rows = page.entries.map((entry) => [
        entry.id, new Date(entry.at).toISOString(), entry.user, entry.action, entry.repository === null ? entry.path : `${entry.repository}/${entry.path ?? ''}`, entry.address, entry.status, entry.result, entry.requestId,
      ]);
      const older = page.more ? `\n(older ones: --before ${String(page.entries.at(-1)?.id ?? '')})` : '';
      context.output.result(page, rows.length === 0 ? 'nothing fits' : table(['id', 'when', 'who', 'action', 'what', 'from', 'status', 'result', 'request'], rows) + older);
    });
}
