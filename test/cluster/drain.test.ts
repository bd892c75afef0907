import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster, type TestNode } from '../harness/cluster.ts';
import { waitFor } from '../harness/wait-for.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster({ balancer: false, nodes: 2, config: { timing: { drainNoticeMs: 5000 } } }); });
afterAll(() => cluster.stop());

const ping = async (node: TestNode): Promise<number> => (await node.client.get('/api/system/ping', { as: null })).status;
const put = async (node: TestNode, path: string): Promise<number> => (await node.client.put(`/generic-local/${path}`, 'x')).status;

test('a drain turns ping first, serves on, then refuses; it outlives a restart and is taken back', async () => {
  const { node: master, epoch } = await cluster.master();
  const other = cluster.nodes.find((node) => node !== master);
  if (other === undefined) throw new Error('two nodes are needed');

  expect((await other.client.post(`/api/v1/cluster/nodes/${master.nodeId}/drain`, { deadlineSeconds: 30 })).status).toBe(202);
  await waitFor('503', async () => (await ping(master)) === 503, { everyMs: 5 });
  expect(await put(master, 'while-draining')).toBe(201);
  const after = await cluster.master({ except: master.nodeId });
  expect(after.epoch).toBe(epoch + 1);
  const view = await cluster.until('the end of the drain', ({ nodes }) => nodes.some((node) => node.nodeId === master.nodeId && node.observed === 'drained' && node.desired === 'drained'));
  expect(view.nodes.find((node) => node.nodeId === master.nodeId)).toMatchObject({ desired: 'drained', caching: false });
  expect(await put(master, 'when-drained')).toBe(503);

  await master.kill();
  await master.start({ wait: false });
  await cluster.until('a new incarnation, drained', ({ nodes }) => nodes.some((node) =>
    node.nodeId === master.nodeId && node.observed === 'drained' && node.incarnation !== view.nodes.find((old) => old.nodeId === master.nodeId)?.incarnation));
  expect(await ping(master)).toBe(503);

  expect((await other.client.post(`/api/v1/cluster/nodes/${master.nodeId}/undrain`)).status).toBe(202);
  await cluster.untilServing();
  expect(await put(master, 'again')).toBe(201);
});

test('nobody drains a node that is not there', async () => {
  const answer = await cluster.nodes[0]?.client.post('/api/v1/cluster/nodes/nobody/drain', {});
  expect([answer?.status, answer?.text()]).toEqual([404, expect.stringContaining('NODE_NOT_FOUND')]);
});

test('the cluster is for administrators', async () => {
  for (const path of ['/api/v1/cluster', '/api/v1/cluster/epochs', '/api/v1/cluster/events']) {
    expect((await cluster.nodes[0]?.client.get(path, { as: null }))?.status).toBe(401);
  }
});
