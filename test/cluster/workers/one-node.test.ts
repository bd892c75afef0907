import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestCluster, TestNode } from '../../harness/cluster.ts';
import { NodeClient } from '../../harness/node-client.ts';
import { startWithWorkers, untilWorkersServe, workersOf } from './worker-processes.ts';

let cluster: TestCluster;
const lanes: Lane[] = [];
beforeAll(async () => {
  cluster = await startWithWorkers();
});
afterAll(async () => {
  await closeLanes();
  await cluster.stop();
});

/** A client that keeps to one connection, so that one process answers all of its requests. */
interface Lane { readonly node: TestNode; readonly process: string; readonly client: NodeClient }

async function closeLanes(): Promise<void> {
  await Promise.all(lanes.splice(0).map(({ client }) => client.close()));
}

/** Request ids begin with something that each process has made up for itself. */
const processOf = (requestId: string | string[] | undefined): string => String(requestId).split('-')[0] ?? '';

async function open(node: TestNode): Promise<Lane> {
  const client = new NodeClient(node.url, cluster.admin);
  const lane = { node, client, process: processOf((await client.get('/api/system/ping')).headers['x-request-id']) };
  lanes.push(lane);
  return lane;
}

/** Connections to every worker of every node. */
async function openLanes(): Promise<Lane[]> {
  await closeLanes();
  for (const node of cluster.nodes) {
    const processes = new Set<string>();
    // which of them takes a connection is a matter of chance on a busy machine
    for (let count = 0; count < 4 || (processes.size < 2 && count < 60); count += 1) processes.add((await open(node)).process);
    expect(processes.size).toBe(2);
  }
  return lanes;
}

test('every worker serves, and a change by any of them is seen by all before it is answered', async () => {
  const all = await openLanes();
  for (let round = 0; round < 40; round += 1) {
    const writer = all[round % all.length]!;
    expect((await writer.client.put('/generic-local/a.txt', `value ${String(round)}`)).status).toBe(201);
    const seen = await Promise.all(all.map(async ({ client }) => (await client.get('/generic-local/a.txt')).text()));
    expect(seen).toEqual(all.map(() => `value ${String(round)}`));
  }
});

test('the node is one: every worker knows the whole cluster, and metrics count what all of them did', async () => {
  const all = await openLanes();
  const views = await Promise.all(all.map(async ({ client }) => (await client.get('/api/v1/cluster')).json() as { nodes: { nodeId: string }[]; master: { nodeId: string } }));
  for (const { nodes, master } of views) {
    expect(nodes.map(({ nodeId }) => nodeId)).toEqual(['n1', 'n2']);
    expect(master.nodeId).toBe(views[0]!.master.nodeId);
  }
  const [node] = cluster.nodes;
  const own = all.filter((lane) => lane.node === node);
  const counted = async ({ client }: Lane): Promise<number> => {
    const text = (await client.get('/api/v1/metrics')).text();
    expect(text.trimEnd().endsWith('# EOF')).toBe(true);
    expect(/^bulkhead_node_state\{state="serving"\} (\d+)/m.exec(text)?.[1]).toBe('1');
    return Number(/^bulkhead_http_hot_reads_total (\d+)/m.exec(text)?.[1] ?? 0);
  };
  expect((await own[0]!.client.put('/generic-local/counted.txt', 'x')).status).toBe(201);
  for (const { client } of own) await client.get('/generic-local/counted.txt');
  const before = await counted(own[0]!);
  for (const { client } of own) for (let count = 0; count < 5; count += 1) await client.get('/generic-local/counted.txt');
  await expect.poll(() => counted(own[1]!)).toBeGreaterThanOrEqual(before + 5 * own.length - 2);
});

test('all processes of a node together keep to its grant', async () => {
  let looking = true;
  const excesses: string[] = [];
  const look = async (): Promise<void> => {
    while (looking) {
      const rows = await cluster.postgres.query(`select g.node_id, g.pool + g.control as granted,
        (select count(*)::int from pg_stat_activity where application_name like 'bulkhead:%:' || g.incarnation::text) as open from connection_grant g`, cluster.database);
      for (const { node_id, granted, open } of rows) if (Number(open) > Number(granted)) excesses.push(`${String(node_id)}: ${String(open)} of ${String(granted)}`);
    }
  };
  const watching = look();
  const all = await openLanes();
  await Promise.all(all.map(async ({ client, process }) => {
    for (let count = 0; count < 10; count += 1) await Promise.all([1, 2, 3].map((each) => client.put(`/generic-local/many/${process}-${String(count)}-${String(each)}.txt`, 'x')));
  }));
  // smaller, and larger again, while it works
  for (const poolMax of [7, 9]) {
    expect((await all[0]!.client.put('/api/v1/cluster/pools', JSON.stringify({ poolMax, poolMin: 6 }), { headers: { 'content-type': 'application/json' } })).status).toBe(200);
    await cluster.until(`pools of ${String(poolMax)}`, ({ database }) => database.grants.every(({ pool }) => pool === poolMax));
  }
  // a worker ends with what it has open
  process.kill((await workersOf(cluster.nodes[0]!))[0]!, 'SIGKILL');
  await untilWorkersServe(cluster.nodes[0]!);
  looking = false;
  await watching;
  expect(excesses).toEqual([]);
});
