import { failed, passed, plannedOf, warning, whenPlanned, type Check } from '../check.ts';

/** Nodes give up what is above their minimum for a newcomer; the minimums of all have to fit. */
export const connectionBudget: Check = {
  id: 'connection-budget',
  category: 'database',
  applicable: whenPlanned,
  async check(context) {
    const look = await context.database();
    if (look.kind !== 'facts') return null;
    const { budget, indispensable, control } = look.facts;
    const { exitCode } = await context.probe('test', '-e', '/etc/bulkhead/node.yaml');
    const each = plannedOf(context).database.pool.min + control;
    // a node that is there has its share already
    const newcomers = (exitCode === 0 ? 0 : 1) + context.others.filter(({ role }) => role === 'joining').length;
    const left = budget - indispensable - newcomers * each;
    const short = (missing: number): string => `Raise max_connections of the database by ${missing} (it needs a restart), lower --pool-min, or keep fewer connections for others.`;
    if (left < 0) return failed(`The connection budget of ${budget} has no room: ${indispensable} are indispensable to nodes that are there, and ${newcomers} more need ${newcomers * each}`, short(-left));
    if (left < each) return warning(`The budget of ${budget} connections has room for these nodes, and for no further one during an upgrade`, short(each - left));
    return passed(`${left} of ${budget} connections stay free when all nodes hold their minimum`);
  },
};
