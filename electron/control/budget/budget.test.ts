import { expect, it } from 'vitest';
import type { BudgetView, ConnectionHolder, DatabaseBudget } from '../../../server-bundle/contract/index.ts';
import { assertRoomForOneMore, explainBudget, explainHolders } from './index.ts';

/** 60 − 3 − 0 − 7 = 50; a node wants 10 and needs 5 for its pool, and 2 besides. */
function budgetOf(pools: number[], more: Partial<DatabaseBudget> = {}): DatabaseBudget {
  const granted = pools.reduce((sum, pool) => sum + pool + 2, 0);
  const budget = more.budget ?? 50;
  return {
    serverVersion: '18.4', host: '127.0.0.1', port: 5432, name: 'bulkhead', maxConnections: 60, superuserReserved: 3, reserved: 0, kept: 7,
    limitedBy: null, budget, granted, free: budget - granted, observed: granted, foreign: 0, minimumPerNode: 7, wantedPerNode: 12,
    grants: pools.map((pool, index) => ({ nodeId: `node-${index + 1}`, incarnation: `${index}`, pool, control: 2, observed: pool + 2 })),
    ...more,
  };
}

it('adds up from top to bottom', () => {
  for (const database of [budgetOf([10, 10, 10]), budgetOf([3], { budget: 10, limitedBy: { what: 'role', limit: 12 } })]) {
    let sum = 0;
    for (const { value, sign } of explainBudget('', database).arithmetic) {
      if (sign === '=') expect(sum).toBe(value);
      else sum += sign === '−' ? -value : value;
    }
  }
});

it('has room for a fourth node as it is', () => {
  expect(explainBudget('', budgetOf([10, 10, 10])).oneMoreNode).toMatchObject({ fits: true, poolAfter: null, free: 14 });
});

it('has room for a fifth when pools shrink, and says to what', () => {
  expect(explainBudget('', budgetOf([10, 10, 10, 10])).oneMoreNode).toMatchObject({
    fits: true, free: 2, poolAfter: 8, sentence: '2 free, 7 needed: it fits when every pool shrinks to 8',
  });
});

it('has no room for an eighth, and says how many are short', () => {
  const database = budgetOf([5, 5, 5, 5, 5, 5, 5]);
  expect(explainBudget('', database).oneMoreNode).toEqual({
    fits: false, needs: 7, free: 1, poolAfter: null, sentence: '1 free, 7 needed: 6 short', maxConnectionsNeeded: 66,
  });
  expect(() => assertRoomForOneMore(database)).toThrow(expect.objectContaining({
    code: 'CONNECTION_BUDGET_EXHAUSTED', message: 'No room for one more node: 1 free, 7 needed: 6 short',
    hint: 'It would fit with max_connections = 66, or with smaller pools.',
  }) as Error);
  expect(() => assertRoomForOneMore(budgetOf([5, 5, 5, 5, 5, 5]))).not.toThrow();
});

it('recommends pools for the nodes there are and for one more', () => {
  expect(explainBudget('', budgetOf([10, 10, 10, 10])).recommended).toEqual([
    { nodes: 4, poolMax: 10, maxConnectionsForWanted: 58, maxConnectionsForMinimum: 38, sentence: '4 nodes: every pool gets the 10 that it wants' },
    { nodes: 5, poolMax: 8, maxConnectionsForWanted: 70, maxConnectionsForMinimum: 45, sentence: '5 nodes: pools of 8; with max_connections = 70 every pool would get 10' },
  ]);
  expect(explainBudget('', budgetOf([5, 5, 5, 5, 5, 5, 5])).recommended?.[1]).toMatchObject({ poolMax: null, sentence: '8 nodes do not fit: they need max_connections = 66 at least' });
});

it('warns of strangers beyond what is kept for them, by name, and not of starting nodes', () => {
  const holder = (application: string, connections: number, nodeId: string | null = null): ConnectionHolder => ({ nodeId, user: 'u', application, database: 'd', client: '10.0.0.9', connections, idle: 0 });
  const view = (holders: ConnectionHolder[], more: Partial<DatabaseBudget> = {}): BudgetView => ({ apiVersion: 1, asOf: '', database: budgetOf([10, 10, 10], more), holders, pools: [] });
  expect(explainHolders(view([holder('bulkhead', 12, 'node-1'), holder('reports', 5), holder('bulkhead:n4:starting', 1)])).warnings).toEqual([]);
  expect(explainHolders(view([holder('reports', 6)])).warnings).toEqual([{
    code: 'foreign-sessions', message: '6 connections belong to others, 5 are kept for them: 6 × reports from 10.0.0.9',
    fix: 'Keep more for others (database.keepForOthers), give them a CONNECTION LIMIT, or raise max_connections to 61.',
  }]);
  expect(explainHolders(view([holder('reports', 20)])).warnings?.map(({ code }) => code)).toEqual(['foreign-sessions', 'nearly-full']);
});

it('explains a pooler, when the server shows no session of any node', () => {
  const view: BudgetView = { apiVersion: 1, asOf: '', database: budgetOf([10, 10], { observed: 0 }), holders: [], pools: [{ nodeId: 'node-1', poolMin: 12, poolMax: 20, source: 'node', granted: 10, target: 12 }] };
  expect(explainHolders(view)).toMatchObject({ pooler: { kind: 'unknown' }, warnings: [{ code: 'pooler' }, { code: 'below-minimum' }] });
  expect(explainBudget('', budgetOf([10])).pooler).toBeNull();
});
