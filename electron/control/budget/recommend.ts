import type { DatabaseBudget } from '../../../server-bundle/contract/index.ts';
import type { BudgetExplanation } from '../../contract/index.ts';

type Recommendation = NonNullable<BudgetExplanation['recommended']>[number];

/** Connections besides the pool that every member holds, where no grant says it. */
const usualControl = 2;

/** Pool sizes for the nodes there are, and for one more: a rolling upgrade and a new node need room for it. */
export function recommendPools(database: DatabaseBudget): Recommendation[] {
  const count = Math.max(1, database.grants.length);
  return [count, count + 1].map((nodes) => recommendFor(nodes, database));
}

function recommendFor(nodes: number, database: DatabaseBudget): Recommendation {
  const control = database.grants[0]?.control ?? usualControl;
  const setAside = database.superuserReserved + database.reserved + database.kept;
  const wanted = database.wantedPerNode - control;
  const minimum = database.minimumPerNode - control;
  const each = Math.floor(database.budget / nodes) - control;
  const poolMax = each < minimum ? null : Math.min(each, wanted);
  const maxConnectionsForWanted = nodes * database.wantedPerNode + setAside;
  const maxConnectionsForMinimum = nodes * database.minimumPerNode + setAside;
  const limit = database.limitedBy === null ? '' : ` (and a CONNECTION LIMIT above ${database.limitedBy.limit} for the ${database.limitedBy.what})`;
  const sentence = poolMax === null
    ? `${nodesText(nodes)} do not fit: they need max_connections = ${maxConnectionsForMinimum} at least${limit}`
    : poolMax === wanted
      ? `${nodesText(nodes)}: every pool gets the ${wanted} that it wants`
      : `${nodesText(nodes)}: pools of ${poolMax}; with max_connections = ${maxConnectionsForWanted}${limit} every pool would get ${wanted}`;
  return { nodes, poolMax, maxConnectionsForWanted, maxConnectionsForMinimum, sentence };
}

function nodesText(nodes: number): string {
  return nodes === 1 ? '1 node' : `${nodes} nodes`;
}
