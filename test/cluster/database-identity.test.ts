import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster, type TestNode } from '../harness/cluster.ts';

let cluster: TestCluster;
let node: TestNode;
beforeAll(async () => {
  cluster = await startCluster({ balancer: false, nodes: 1 });
  [node] = cluster.nodes as [TestNode];
});
afterAll(() => cluster.stop());

const unlock = (body: Record<string, unknown>): Promise<number> => node.client.post('/api/v1/cluster/collection/unlock', body).then(({ status }) => status);

test('a database that is not where it was locks collection until somebody confirms', async () => {
  expect((await cluster.view()).collectionLocked).toBeNull();
  // as after a failover to a standby: the cluster remembers another timeline than the server is on
  await cluster.postgres.query('update cluster set timeline = timeline + 1', cluster.database);
  await node.restart();
  const locked = await cluster.until('the lock', (view) => view.collectionLocked !== null);
  expect(locked.collectionLocked).toMatch(/changed from system \d+, timeline 2 to system \d+, timeline 1$/);
  expect((await node.client.post('/api/system/storage/gc')).status).toBe(409);
  expect(await unlock({})).toBe(400);
  expect(await unlock({ confirm: true })).toBe(200);
  expect((await cluster.view()).collectionLocked).toBeNull();
});

test('an epoch that goes back ends the incarnation and locks collection', async () => {
  const { node: master, epoch } = await cluster.master();
  const incarnation = (await cluster.view()).nodes[0]?.incarnation;
  expect((await master.client.post('/api/v1/cluster/master', {})).status).toBe(409);
  // as after a restore from a backup
  await cluster.postgres.query(`update leadership set epoch = ${String(epoch - 1)}`, cluster.database);
  const view = await cluster.until('a new incarnation', ({ nodes, collectionLocked }) =>
    collectionLocked !== null && nodes[0]?.observed === 'serving' && nodes[0].incarnation !== incarnation);
  expect(view.collectionLocked).toContain('the epoch went back');
  expect(await unlock({ confirm: true })).toBe(200);
  await cluster.master();
});
