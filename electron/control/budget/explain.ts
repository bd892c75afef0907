import { BulkheadError, type BudgetView, type DatabaseBudget } from '../../../server-bundle/contract/index.ts';
import type { BudgetExplanation } from '../../contract/index.ts';
import { recommendPools } from './recommend.ts';
import { budgetWarnings, poolerInFront } from './warnings.ts';

type Arithmetic = BudgetExplanation['arithmetic'];
type OneMoreNode = BudgetExplanation['oneMoreNode'];

/** The budget as a sum from top to bottom: what the server has, what is set aside, what is given away, what is left. */
export function budgetArithmetic(database: DatabaseBudget): Arithmetic {
  const rows: Arithmetic = [
    { label: 'max_connections', value: database.maxConnections, sign: '' },
    { label: 'reserved for superusers', value: database.superuserReserved, sign: '−' },
    { label: 'reserved connections', value: database.reserved, sign: '−' },
    { label: 'kept for others and for starting nodes', value: database.kept, sign: '−' },
  ];
  const byServer = database.maxConnections - database.superuserReserved - database.reserved - database.kept;
  if (byServer > database.budget) {
    const limit = database.limitedBy === null ? 'lower limit' : `CONNECTION LIMIT ${database.limitedBy.limit} of the ${database.limitedBy.what}`;
    rows.push({ label: limit, value: byServer - database.budget, sign: '−' });
  }
  rows.push(
    { label: 'budget of the cluster', value: database.budget, sign: '=' },
    { label: `granted to ${nodeCount(database.grants.length)}`, value: database.granted, sign: '−' },
    { label: 'free', value: database.free, sign: '=' },
  );
  return rows;
}

/** Whether one more node fits. Pools shrink evenly, down to their minimum, before a newcomer is refused. */
export function roomForOneMore(database: DatabaseBudget): OneMoreNode {
  const needs = database.minimumPerNode;
  const count = database.grants.length;
  const short = (count + 1) * needs - database.budget;
  if (short > 0) {
    const available = Math.max(database.budget - count * needs, 0);
    const shrunk = available > database.free ? ' after shrinking every pool to its minimum' : '';
    return {
      fits: false, needs, free: database.free, poolAfter: null,
      sentence: `${available} free${shrunk}, ${needs} needed: ${needs - available} short`,
      maxConnectionsNeeded: database.limitedBy === null ? database.maxConnections + short : null,
    };
  }
  const each = Math.floor(database.budget / (count + 1));
  if (each >= database.wantedPerNode) {
    return { fits: true, needs, free: database.free, poolAfter: null, sentence: `${database.free} free, ${database.wantedPerNode} wanted: it fits`, maxConnectionsNeeded: null };
  }
  const control = database.grants[0]?.control ?? 0;
  return {
    fits: true, needs, free: database.free, poolAfter: each - control, maxConnectionsNeeded: null,
    sentence: `${database.free} free, ${needs} needed: it fits when every pool shrinks to ${each - control}`,
  };
}

export function explainBudget(asOf: string, database: DatabaseBudget): BudgetExplanation {
  return { asOf, database, arithmetic: budgetArithmetic(database), oneMoreNode: roomForOneMore(database), recommended: recommendPools(database), pooler: poolerInFront(database) };
}

/** The same with who holds what, from a node that can say it. */
export function explainHolders({ asOf, database, holders, pools }: BudgetView): BudgetExplanation {
  const explained = explainBudget(asOf, database);
  return { ...explained, holders, pools, warnings: budgetWarnings({ database, holders, pools }, explained.oneMoreNode) };
}

/** Throws CONNECTION_BUDGET_EXHAUSTED, with the arithmetic, when one more node does not fit. */
export function assertRoomForOneMore(database: DatabaseBudget): void {
  const room = roomForOneMore(database);
  if (room.fits) return;
  const hint = room.maxConnectionsNeeded === null
    ? 'Raise the CONNECTION LIMIT, or lower the pools.'
    : `It would fit with max_connections = ${room.maxConnectionsNeeded}, or with smaller pools.`;
  throw new BulkheadError('CONNECTION_BUDGET_EXHAUSTED', `No room for one more node: ${room.sentence}`, {
    details: { arithmetic: budgetArithmetic(database), oneMoreNode: room }, hint,
  });
}

function nodeCount(count: number): string {
  return count === 1 ? '1 node' : `${count} nodes`;
}
