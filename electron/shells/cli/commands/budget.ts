import { Command } from 'commander';
import { demoCluster, type CliContext } from '../cli-context.ts';

/** `bulkhead budget`: who may hold how many database connections, and whether one more node fits. */
export function budgetCommand(context: CliContext): Command {
  return new Command('budget')
    .description('the database connection budget as arithmetic, and the room for one more node')
    .action(async () => {
      const client = await context.client();
      const budget = await client.call('budget.explain', demoCluster, { signal: context.signal });
      const width = Math.max(...budget.arithmetic.map((row) => row.label.length));
      const rows = budget.arithmetic.map((row) => `${row.sign.padEnd(1)} ${row.label.padEnd(width)}  ${String(row.value).padStart(5)}`);
      const { oneMoreNode } = budget;
      context.output.result(budget, `${rows.join('\n')}\n\nOne more node ${oneMoreNode.fits ? 'fits' : 'does not fit'}: ${oneMoreNode.sentence}`);
    });
}
