import { Command, InvalidArgumentError } from 'commander';
import type { BudgetExplanation } from '../../../contract/index.ts';
import { clusterOption, type CliContext, type ClusterChoice } from '../cli-context.ts';
import { table } from '../table.ts';

interface PoolChoice extends ClusterChoice {
  readonly poolMin?: number;
  readonly poolMax?: number;
  readonly node?: string;
  readonly reset?: boolean;
}

/** `bulkhead budget`: who may hold how many database connections, and whether one more node fits; `set` changes it live. */
export function budgetCommand(context: CliContext): Command {
  const { output, signal } = context;
  const budget = new Command('budget')
    .description('the database connection budget as arithmetic, and the room for one more node')
    .addOption(clusterOption())
    .action(async ({ cluster }: ClusterChoice) => {
      const explained = await (await context.client()).call('budget.explain', { clusterId: cluster }, { signal });
      output.result(explained, describeBudget(explained));
    });
  budget.command('set').description('change the pools of running nodes, without a restart; those that become smaller shrink first')
    .addOption(clusterOption())
    .option('--pool-max <n>', 'connections that a pool may grow to', poolSize)
    .option('--pool-min <n>', 'connections without which a node cannot work', poolSize)
    .option('--node <id>', 'this node only; all nodes when left out')
    .option('--reset', "back to what each node's own configuration says")
    // commander gives an option that both commands know to the outer one
    .action(async (_options: PoolChoice, command: Command) => {
      const { cluster, poolMin, poolMax, node, reset = false } = command.optsWithGlobals<PoolChoice>();
      if (reset === (poolMin !== undefined || poolMax !== undefined)) command.error('error: give --pool-max, --pool-min or both, or --reset alone');
      const explained = await (await context.client()).call('budget.setGrants', {
        clusterId: cluster, ...(node === undefined ? {} : { nodeId: node }), ...(poolMin === undefined ? {} : { poolMin }), ...(poolMax === undefined ? {} : { poolMax }),
      }, { signal });
      output.result(explained, describeBudget(explained));
    });
  return budget;
}

function poolSize(text: string): number {
  const size = Number(text);
  if (!Number.isInteger(size) || size < 2 || size > 1000) throw new InvalidArgumentError('a whole number from 2 to 1000 is wanted');
  return size;
}

function describeBudget({ arithmetic, oneMoreNode, pools = [], holders = [], recommended = [], warnings = [] }: BudgetExplanation): string {
  const width = Math.max(...arithmetic.map((row) => row.label.length));
  const rows = arithmetic.map((row) => `${row.sign.padEnd(1)} ${row.label.padEnd(width)}  ${String(row.value).padStart(5)}`);
  const parts = [rows.join('\n'), `One more node ${oneMoreNode.fits ? 'fits' : 'does not fit'}: ${oneMoreNode.sentence}`];
  if (pools.length > 0) {
    parts.push(table(['node', 'pool min', 'pool max', 'set by', 'granted', 'becomes'], pools.map((pool) => [pool.nodeId, pool.poolMin, pool.poolMax, pool.source, pool.granted, pool.target])));
  }
  if (holders.length > 0) {
    parts.push(table(['connections', 'idle', 'held by', 'user', 'database', 'from'],
      holders.map((holder) => [holder.connections, holder.idle, holder.nodeId ?? (holder.application || '(no name)'), holder.user, holder.database, holder.client])));
  }
  if (recommended.length > 0) parts.push(recommended.map(({ sentence }) => sentence).join('\n'));
  if (warnings.length > 0) parts.push(warnings.map(({ message, fix }) => `! ${message}\n  ${fix}`).join('\n'));
  return parts.join('\n\n');
}
