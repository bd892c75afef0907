import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { taskList, taskRun, type TaskRun } from '../../../server-bundle/contract/index.ts';
import { startCluster, type TestCluster, type TestNode } from '../../harness/cluster.ts';
import { waitFor } from '../../harness/wait-for.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startCluster({ balancer: false, config: { tasks: { gc: { intervalMinutes: 0, graceSeconds: 0, deleteAfterSeconds: 0 } } } });
});
afterAll(() => cluster.stop());

const files = async (): Promise<number> =>
  (await readdir(join(cluster.filestore, 'blobs'), { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).length;

/** Asks one node for a run; resolves when it has ended, as another node tells it. */
async function collect(node: TestNode, query: string): Promise<TaskRun> {
  const asked = await node.client.post(`/api/system/storage/gc${query}`);
  expect(asked.status).toBe(202);
  const { id } = taskRun.parse(asked.json());
  expect(String(asked.headers['location'])).toMatch(new RegExp(`/artifactory/api/v1/tasks/${id}$`));
  const other = cluster.nodes.find(({ nodeId }) => nodeId !== node.nodeId) ?? node;
  return waitFor('the end of the run', async () => {
    const run = taskRun.parse((await other.client.get(`/api/v1/tasks/${id}`)).json());
    return run.finishedAt === null ? undefined : run;
  });
}

it('is taken by any node and done by the master', async () => {
  const { node: master, epoch } = await cluster.master();
  const other = cluster.nodes.find(({ nodeId }) => nodeId !== master.nodeId) ?? master;
  for (const [name, content] of [['kept', 'kept'], ['dropped', 'dropped'], ['replaced', 'first']] as const) {
    expect((await other.client.put(`/generic-local/${name}`, content)).status).toBe(201);
  }
  expect((await other.client.delete('/generic-local/dropped?permanent=1')).status).toBe(204);
  expect((await other.client.put('/generic-local/replaced', 'second')).status).toBe(201);
  expect(await files()).toBe(4);

  expect((await collect(other, '?dryRun=1')).report).toMatchObject({ dryRun: true, tombstoned: 2, tombstonedBytes: 12 });
  expect(await files()).toBe(4);
  const run = await collect(other, '');
  expect(run).toMatchObject({ kind: 'gc', state: 'succeeded', epoch, requestedBy: cluster.admin.user });
  expect(run.report).toMatchObject({ tombstoned: 2, deleted: 2, deletedBytes: 12 });
  expect(await files()).toBe(2);
  for (const node of cluster.nodes) {
    expect((await node.client.get('/generic-local/kept')).text()).toBe('kept');
    expect((await node.client.get('/generic-local/replaced')).text()).toBe('second');
  }

  // the same content comes back under a new name
  expect((await other.client.put('/generic-local/again', 'dropped')).status).toBe(201);
  expect((await master.client.get('/generic-local/again')).text()).toBe('dropped');
  const list = taskList.parse((await other.client.get('/api/v1/tasks?limit=10')).json());
  expect(list.tasks.filter((task) => task.kind === 'gc').map((task) => task.id)).toContain(run.id);
});

it('is for administrators, and refuses what it does not understand', async () => {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('no node');
  expect((await node.client.post('/api/system/storage/gc', undefined, { as: null })).status).toBe(401);
  expect((await node.client.get('/api/v1/tasks', { as: null })).status).toBe(401);
  expect((await node.client.post('/api/system/storage/gc?dryrun=1')).status).toBe(400);
  expect((await node.client.get('/api/v1/tasks/nothing')).json()).toMatchObject({ errors: [{ code: 'TASK_NOT_FOUND' }] });
  expect((await node.client.post('/api/v1/tasks/00000000-0000-4000-8000-000000000000/cancel')).status).toBe(404);
});

it('is refused while collection is locked', async () => {
  const [node] = cluster.nodes;
  if (node === undefined) throw new Error('no node');
  await cluster.postgres.query(`update cluster set collection_locked = 'for this test'`, cluster.database);
  const refused = await node.client.post('/api/system/storage/gc');
  expect([refused.status, refused.json()]).toMatchObject([409, { errors: [{ code: 'COLLECTION_LOCKED' }] }]);
  await cluster.postgres.query('update cluster set collection_locked = null', cluster.database);
});

it('leaves what is in the trash can, until that lets go of it', async () => {
  const { client } = cluster.nodes[0]!;
  const before = await files();
  expect((await client.put('/generic-local/regretted', 'regretted')).status).toBe(201);
  expect((await client.delete('/generic-local/regretted')).status).toBe(204);
  expect((await collect(cluster.nodes[1]!, '')).report).toMatchObject({ tombstoned: 0, deleted: 0 });
  expect(await files()).toBe(before + 1);
  expect((await cluster.nodes[1]!.client.post('/api/trash/restore/generic-local/regretted')).status).toBe(200);
  expect((await cluster.nodes[2]!.client.get('/generic-local/regretted')).text()).toBe('regretted');
  expect((await client.delete('/generic-local/regretted')).status).toBe(204);
  expect((await client.post('/api/trash/empty')).status).toBe(200);
  expect((await collect(cluster.nodes[2]!, '')).report).toMatchObject({ tombstoned: 1, deleted: 1 });
  expect(await files()).toBe(before);
});
