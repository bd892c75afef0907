import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { budgetView, type BudgetView, type DatabaseBudget } from '../../server-bundle/contract/index.ts';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';

// 60 − 3 for superusers − 2 kept − 2 for starting: 53
let cluster: TestCluster;
let starts: string[];
const excesses: string[] = [];
beforeAll(async () => {
  cluster = await startCluster({ balancer: false, nodes: 3, postgres: { max_connections: 60 }, config: { database: { pool: { min: 4, max: 10 }, keepForOthers: 2 } } });
  await cluster.until('three full grants', ({ database }) => database.grants.length === 3 && database.grants.every(({ pool }) => pool === 10));
  starts = await incarnations();
});
afterAll(() => cluster.stop());

async function incarnations(): Promise<string[]> {
  return (await cluster.until('the members', () => true)).nodes.map(({ nodeId, incarnation }) => `${nodeId} ${incarnation ?? ''}`);
}

const node = (index: number): TestCluster['nodes'][number] => {
  const found = cluster.nodes[index];
  if (found === undefined) throw new Error('three nodes are needed');
  return found;
};

async function set(change: Record<string, unknown>): Promise<{ status: number; text: string }> {
  const answer = await node(0).client.put('/api/v1/cluster/pools', JSON.stringify(change), { headers: { 'content-type': 'application/json' } });
  return { status: answer.status, text: answer.text() };
}

async function budget(index = 1): Promise<BudgetView> {
  return budgetView.parse((await node(index).client.get('/api/v1/cluster/budget')).json());
}

const granted = ({ grants }: DatabaseBudget): number => grants.reduce((sum, { pool, control }) => sum + pool + control, 0);

/** Waits for grants, and holds at every look what was promised and what is really open against the budget. */
async function until(what: string, holds: (pools: readonly number[]) => boolean): Promise<void> {
  await cluster.until(what, ({ database }) => {
    if (granted(database) > database.budget || database.observed > database.budget) excesses.push(`${String(granted(database))} granted, ${String(database.observed)} open, ${String(database.budget)} allowed`);
    return database.grants.length === 3 && holds(database.grants.map(({ pool }) => pool));
  });
  expect(excesses).toEqual([]);
}

test('new sizes take effect on all nodes without a restart, and never exceed the budget', async () => {
  expect((await set({ poolMax: 15, poolMin: 5 })).status).toBe(200);
  await until('larger pools', (pools) => pools.every((pool) => pool === 15));
  expect((await budget()).pools).toEqual(['n1', 'n2', 'n3'].map((nodeId) => ({ nodeId, poolMin: 5, poolMax: 15, source: 'cluster', granted: 15, target: 15 })));
  // more than there is: shared out evenly, 53 − 3 × 2
  expect((await set({ poolMax: 40 })).status).toBe(200);
  await until('as much as fits', (pools) => pools.reduce((sum, pool) => sum + pool, 0) === 47);
  // one takes what the others give up: they shrink first
  expect((await set({ poolMax: 6, poolMin: 4 })).status).toBe(200);
  expect((await set({ nodeId: 'n2', poolMax: 30 })).status).toBe(200);
  await until('one large and two small pools', (pools) => pools.join() === '6,30,6');
  expect((await budget(2)).pools.map(({ source }) => source)).toEqual(['cluster', 'node', 'cluster']);
  expect(await incarnations()).toEqual(starts);
});

test('a restart keeps the sizes, and a reset goes back to the configuration', async () => {
  await node(2).stop();
  await node(2).start();
  await until('the same pools', (pools) => pools.join() === '6,30,6');
  expect((await set({})).status).toBe(200);
  await until('the configured pools', (pools) => pools.every((pool) => pool === 10));
  await waitFor('the source', async () => (await budget()).pools.every(({ source, poolMin, poolMax }) => source === 'configuration' && poolMin === 4 && poolMax === 10));
});

test('sizes that do not fit are refused with the sum, and change nothing', async () => {
  const refusal = await set({ poolMin: 20, poolMax: 25 });
  expect(refusal.status).toBe(409);
  expect(refusal.text).toContain('CONNECTION_BUDGET_EXHAUSTED');
  expect(refusal.text).toContain('need 66 connections; the budget is 53');
  expect((await set({ poolMin: 9, poolMax: 5 })).text).toContain('PARAMETER_INVALID');
  expect((await set({ nodeId: 'nobody', poolMax: 5 })).text).toContain('NODE_NOT_FOUND');
  expect((await set({ poolMax: 1 })).status).toBe(400);
  await until('the pools as before', (pools) => pools.every((pool) => pool === 10));
});

test('who holds connections is named, strangers too', async () => {
  const { holders, database } = await budget();
  for (const nodeId of ['n1', 'n2', 'n3']) expect(holders.find((holder) => holder.nodeId === nodeId)?.connections).toBeGreaterThanOrEqual(1);
  const { host, port, superuser } = cluster.postgres;
  const stranger = new Client({ host, port, ...superuser, database: 'postgres', application_name: 'reports' });
  await stranger.connect();
  try {
    const after = await budget();
    expect(after.holders).toContainEqual(expect.objectContaining({ nodeId: null, application: 'reports', user: superuser.user, database: 'postgres', connections: 1 }));
    expect(after.database.foreign).toBeGreaterThan(database.foreign);
  } finally {
    await stranger.end();
  }
});
