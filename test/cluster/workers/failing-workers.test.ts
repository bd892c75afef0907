import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestCluster } from '../../harness/cluster.ts';
import { NodeClient } from '../../harness/node-client.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { Registers } from './registers.ts';
import { isAlive, startWithWorkers, untilWorkersServe, workersOf } from './worker-processes.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startWithWorkers(); });
afterAll(() => cluster.stop());

/** Runs `fault` while clients write and read on both nodes; what they saw. */
async function underLoad(fault: () => Promise<void>): Promise<void> {
  const registers = new Registers(cluster);
  await registers.begin();
  await fault();
  await registers.until({ reads: 100, writes: 20 });
  expect((await registers.end()).wrong).toEqual([]);
}

const gone = (pids: readonly number[], timeoutMs = 30_000): Promise<true> =>
  waitFor(`processes ${pids.join(', ')} to end`, async () => (await Promise.all(pids.map(isAlive))).every((alive) => !alive), { timeoutMs, everyMs: 20 });

test('a killed worker is replaced; nothing is lost, nothing is old', async () => {
  await underLoad(async () => {
    for (const node of cluster.nodes) {
      const [first = 0] = await workersOf(node);
      process.kill(first, 'SIGKILL');
      await untilWorkersServe(node, [first]);
    }
  });
});

test('trap 16: a worker that stands still is killed before anybody is told that it has acknowledged', async () => {
  await underLoad(async () => {
    for (const node of cluster.nodes) {
      const [first = 0] = await workersOf(node);
      process.kill(first, 'SIGSTOP');
      // by its node: nobody lets it go on
      await gone([first]);
      expect(await node.log()).toContain('a worker does not answer and is killed');
      await untilWorkersServe(node, [first]);
    }
  });
});

test('a node that stood still comes back with other workers: those of the former incarnation have ended', async () => {
  const [node, other] = cluster.nodes;
  const former = await workersOf(node!);
  await underLoad(async () => {
    node!.freeze();
    await waitFor('the frozen node to be found dead', async () => !(await cluster.postgres.query(`select 1 from incarnation where node_id = '${node!.nodeId}' and gone_at is null`, cluster.database)).length);
    node!.thaw();
    await gone(former);
    await untilWorkersServe(node!, former);
    await cluster.untilServing();
  });
  expect(await workersOf(other!)).toHaveLength(2);
});

test('trap 16: no worker outlives the process of its node', async () => {
  const [, node] = cluster.nodes;
  const workers = await workersOf(node!);
  process.kill(node!.pid!, 'SIGKILL');
  await gone(workers);
  // they may be gone before the end of their node has been heard of here
  await waitFor(`the end of ${node!.nodeId}`, () => Promise.resolve(node!.pid === undefined), { everyMs: 20 });
  await node!.start();
  await untilWorkersServe(node!);
});

test('a stop drains all workers: clients get every answer, and nothing is left', async () => {
  const [, node] = cluster.nodes;
  const workers = await workersOf(node!);
  const client = new NodeClient(node!.url, cluster.admin);
  await client.put('/generic-local/drained.txt', 'x');
  const ask = (): Promise<string> => client.get('/generic-local/drained.txt').then(({ status }) => String(status), () => 'broken');
  // the first login costs a worker as much time as many reads
  for (let warm = 0; warm < 5; warm += 1) expect(await ask()).toBe('200');
  let taken = 0;
  let last = '200';
  const asking = (async () => {
    for (; last === '200'; taken += 1) last = await ask();
  })();
  await waitFor('answers', () => taken > 5);
  const before = taken;
  expect(await node!.stop()).toBe(0);
  await asking;
  // as long as it takes requests, it answers them; then it says that it does not
  expect(last).toBe('503');
  // the last one is the refusal
  expect(taken).toBeGreaterThan(before + 1);
  await gone(workers);
  await client.close();
});
