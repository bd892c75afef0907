import type { BudgetView, ConnectionHolder, DatabaseBudget } from '../../../server-bundle/contract/index.ts';
import type { BudgetExplanation } from '../../contract/index.ts';

type Warning = NonNullable<BudgetExplanation['warnings']>[number];

/** From so much of all connections in use on, percent. */
const nearlyFullPercent = 85;
/** Of what is kept, the slots that starting nodes need. */
const startupSlots = 2;

/** Sessions that belong to nobody of this cluster, its starting nodes aside. */
export function strangers(holders: readonly ConnectionHolder[]): ConnectionHolder[] {
  return holders.filter(({ nodeId, application }) => nodeId === null && !application.startsWith('bulkhead:'));
}

/** Sessions of nodes that the server does not show as theirs: something in between has made them its own. */
export function poolerInFront({ grants, observed }: DatabaseBudget): NonNullable<BudgetExplanation['pooler']> | null {
  if (grants.length === 0 || observed > 0) return null;
  return {
    kind: 'unknown',
    sentence: 'The server shows no session of any node, although nodes answer: a pooler such as pgbouncer stands in between. Nodes are told apart, counted and ended by their sessions, so they have to connect to PostgreSQL itself.',
  };
}

/** What a reader should know before anything fails, worst first. */
export function budgetWarnings({ database, holders, pools }: Pick<BudgetView, 'database' | 'holders' | 'pools'>, oneMoreNode: BudgetExplanation['oneMoreNode']): Warning[] {
  const warnings: Warning[] = [];
  const { maxConnections, budget, observed, kept } = database;
  const foreign = strangers(holders);
  const foreignCount = foreign.reduce((sum, { connections }) => sum + connections, 0);
  const keptForOthers = Math.max(0, kept - startupSlots);
  const pooler = poolerInFront(database);
  if (pooler !== null) warnings.push({ code: 'pooler', message: pooler.sentence, fix: 'Give the nodes the address of PostgreSQL itself: they pool connections themselves.' });
  if (observed > budget) warnings.push({ code: 'over-budget', message: `The nodes hold ${observed} connections, the budget is ${budget}`, fix: 'It falls as pools shrink; if it stays, look for nodes of this cluster that this list does not name.' });
  if (foreignCount > keptForOthers) {
    warnings.push({
      code: 'foreign-sessions', message: `${foreignCount} connections belong to others, ${keptForOthers} are kept for them: ${namesOf(foreign)}`,
      fix: `Keep more for others (database.keepForOthers), give them a CONNECTION LIMIT, or raise max_connections to ${maxConnections + foreignCount - keptForOthers}.`,
    });
  }
  const open = observed + foreignCount;
  if (open * 100 >= maxConnections * nearlyFullPercent) warnings.push({ code: 'nearly-full', message: `${open} of ${maxConnections} connections of the server are open`, fix: 'Make pools smaller, or raise max_connections.' });
  const starved = pools.filter(({ granted, poolMin }) => granted < poolMin);
  if (starved.length > 0) warnings.push({ code: 'below-minimum', message: `${starved.map(({ nodeId }) => nodeId).join(', ')}: less than the minimum of the pool is granted`, fix: 'Lower the minimum, or make other pools smaller.' });
  if (!oneMoreNode.fits) {
    warnings.push({
      code: 'next-node-does-not-fit', message: `No room for one more node: ${oneMoreNode.sentence}`,
      fix: oneMoreNode.maxConnectionsNeeded === null ? 'Raise the CONNECTION LIMIT, or lower the pools.' : `Lower the pools, or raise max_connections to ${oneMoreNode.maxConnectionsNeeded}.`,
    });
  }
  return warnings;
}

function namesOf(holders: readonly ConnectionHolder[]): string {
  const shown = holders.slice(0, 3).map(({ application, user, client, connections }) => `${connections} × ${application || user} from ${client}`);
  return [...shown, ...(holders.length > 3 ? ['…'] : [])].join(', ');
}
