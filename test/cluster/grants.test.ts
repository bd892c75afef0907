import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';

// 37 − 3 for superusers − 2 kept − 2 for starting: 30, three nodes with the minimum of 8 + 2
let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster({
    balancer: false, nodes: 4, start: false, postgres: { max_connections: 37 },
    config: { database: { pool: { min: 8, max: 20 }, keepForOthers: 2 } },
  });
});
afterAll(() => cluster.stop());

const sumOf = (grants: readonly { pool: number; control: number }[]): number => grants.reduce((sum, grant) => sum + grant.pool + grant.control, 0);

test('pools shrink before others grow, a node without room is refused with the arithmetic, and gets in when one leaves', async () => {
  const [n1, n2, n3, n4] = cluster.nodes;
  if (n1 === undefined || n2 === undefined || n3 === undefined || n4 === undefined) throw new Error('four nodes are needed');
  await n1.start();
  const alone = await cluster.until('one grant', ({ database }) => database.grants.length === 1);
  expect(alone.database).toMatchObject({ maxConnections: 37, superuserReserved: 3, reserved: 0, kept: 4, budget: 30, granted: 22, minimumPerNode: 10 });

  await n2.start();
  await n3.start();
  const full = await cluster.until('three equal grants', ({ database }) => database.grants.length === 3 && database.grants.every((grant) => grant.pool === 8));
  expect(sumOf(full.database.grants)).toBe(30);
  expect(full.database.free).toBe(0);

  await n4.start({ wait: false });
  await waitFor('the refusal', async () => (await n4.log()).includes('CONNECTION_BUDGET_EXHAUSTED'));
  const log = await n4.log();
  expect(log).toContain('needs 10 database connections; the budget is 30 (37 max_connections − 3 for superusers − 0 reserved − 4 kept)');
  expect((await n4.client.get('/api/system/ping', { as: null })).status).toBe(503);
  const readiness = await n4.client.get('/api/v1/system/readiness', { as: null });
  expect(readiness.status).toBe(503);
  expect(readiness.text()).toContain('CONNECTION_BUDGET_EXHAUSTED');
  await cluster.untilServing(['n1', 'n2', 'n3']);

  expect(await n2.stop()).toBe(0);
  await waitFor('the fourth to serve', async () => (await n4.client.get('/api/system/ping', { as: null })).status === 200);
  const after = await cluster.until('its grant', ({ database }) => database.grants.some((grant) => grant.nodeId === 'n4'));
  expect(sumOf(after.database.grants)).toBeLessThanOrEqual(30);

  await n4.kill();
  await n1.stop();
  const grown = await cluster.until('the last one to grow again', ({ database }) => database.grants.length === 1 && database.grants[0]?.pool === 20);
  expect(grown.database.granted).toBe(22);
});

test('a node that comes back takes the place of its predecessor', async () => {
  const [, , n3] = cluster.nodes;
  await n3?.kill();
  await n3?.start();
  const view = await cluster.until('its grant', ({ database }) => database.grants.length === 1 && database.grants[0]?.pool === 20);
  expect(view.database.grants[0]?.nodeId).toBe('n3');
});
