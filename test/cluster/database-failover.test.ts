import { afterEach, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import type { TestPostgres } from '../harness/postgres.ts';
import { waitFor } from '../harness/wait-for.ts';

/** Undone in reverse order, whatever happened. */
const undo: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const each of undo.splice(0).reverse()) await each();
});

/** Three nodes that know both servers of a database whose commits wait for the standby. */
async function replicated(): Promise<{ cluster: TestCluster; standby: TestPostgres }> {
  let standby: TestPostgres | undefined;
  const cluster = await startCluster({
    balancer: false,
    database: async (postgres) => {
      standby = await postgres.standby();
      await postgres.query("alter system set synchronous_standby_names = '*'");
      await postgres.query('select pg_reload_conf()');
      // the standby first: the choice is the one that may be written to, not the first
      return { host: `127.0.0.1:${String(standby.port)},127.0.0.1:${String(postgres.port)}` };
    },
  });
  undo.push(() => cluster.stop());
  if (standby === undefined) throw new Error('no standby was made');
  const made = standby;
  undo.push(() => made.stop());
  return { cluster, standby: made };
}

const path = (index: number): string => `/generic-local/f/${String(index)}`;

it('nodes find the new primary by themselves, nothing acknowledged is lost, and collection waits for a person', async () => {
  const { cluster, standby } = await replicated();
  const stored: number[] = [];
  for (let index = 0; index < 30; index += 1) {
    const { status } = await cluster.nodes[index % 3]!.client.put(path(index), Buffer.from(`content ${String(index)}`));
    expect(status).toBe(201);
    stored.push(index);
  }
  const before = await cluster.view();

  await cluster.postgres.kill();
  // its walreceiver may not have noticed yet; what was acknowledged is in its log all the same
  await standby.query("alter system set synchronous_standby_names = ''");
  await standby.promote();
  await cluster.untilServing();

  for (const node of cluster.nodes) {
    for (const index of stored) expect([node.nodeId, index, (await node.client.get(path(index))).text()]).toEqual([node.nodeId, index, `content ${String(index)}`]);
  }
  expect((await cluster.nodes[0]!.client.put(path(1000), Buffer.from('after'))).status).toBe(201);
  const { epoch = Infinity } = before.master ?? {};
  await cluster.until('a later epoch, and the lock of collections', (view) => view.collectionLocked !== null && (view.master?.epoch ?? 0) > epoch);

  // the former primary comes back, takes writes and knows nothing of this: nobody goes there, not even a node that has just started
  await cluster.postgres.query('select 1').catch(() => undefined);
  await cluster.postgres.restart();
  await cluster.nodes[2]!.restart();
  await cluster.untilServing();
  expect((await cluster.nodes[2]!.client.get(path(1000))).text()).toBe('after');
  // one that is just being asked what it is may be seen for a moment
  await expect.poll(() => cluster.postgres.query("select pid from pg_stat_activity where application_name like 'bulkhead:%' and state = 'active'")).toEqual([]);
});

it('without a primary nothing is served that may be old, and one that appears is used without hands', async () => {
  const { cluster, standby } = await replicated();
  await cluster.postgres.kill();
  await waitFor('the nodes to notice', async () => {
    const pings = await Promise.all(cluster.nodes.map(async ({ client }) => (await client.get('/api/system/ping')).status));
    return pings.every((status) => status === 503);
  });
  await cluster.postgres.restart();
  await cluster.untilServing();
  expect((await cluster.nodes[0]!.client.put(path(1), Buffer.from('back'))).status).toBe(201);
  expect(await standby.query('select pg_is_in_recovery() as yes')).toEqual([{ yes: true }]);
});
