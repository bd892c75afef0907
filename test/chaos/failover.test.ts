import { availableParallelism, loadavg } from 'node:os';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TestCluster } from '../harness/cluster.ts';
import { sha256 } from '../harness/node-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { Random, seedOfRun } from './random.ts';
import { startChaosCluster } from './run.ts';

let cluster: TestCluster;
beforeAll(async () => {
  cluster = await startChaosCluster();
});
afterAll(() => cluster.stop());

/** A limit in milliseconds; three times as much on a machine that visibly does other work too, where times prove little. */
function allowed(ms: number): number {
  return (loadavg()[0] ?? 0) > 2 * availableParallelism() ? 3 * ms : ms;
}

/** Bytes of one file: from nothing to more than a MiB, and different from all others. */
function content(index: number, random: Random): Buffer {
  const size = [0, 1, 100, 4_000, 60_000, 300_000, 1_500_000][index % 7]! + random.below(100) * (index % 7);
  return Buffer.alloc(size, `file ${String(index)} ${String(random.next())} `);
}

interface Deployed {
  readonly path: string;
  readonly digest: string;
}

async function deploy(path: string, bytes: Buffer): Promise<Deployed | undefined> {
  try {
    const { status } = await cluster.balancer.client.put(path, bytes);
    return status === 201 ? { path, digest: sha256(bytes) } : undefined;
  } catch {
    return undefined;
  }
}

/** Reads each file from each node that runs; the ones that are not what was deployed, in words. */
async function wrong(files: readonly Deployed[]): Promise<string[]> {
  const found: string[] = [];
  for (const node of cluster.nodes.filter(({ pid }) => pid !== undefined)) {
    for (const { path, digest } of files) {
      const { status, body } = await node.client.get(path);
      if (status !== 200 || sha256(body) !== digest) found.push(`${node.nodeId} ${path}: ${String(status)}, ${String(body.length)} bytes`);
    }
  }
  return found;
}

test('200 files of mixed sizes, deployed through the balancer, are the same on every node', async () => {
  const random = new Random(seedOfRun());
  const files: Deployed[] = [];
  for (let first = 0; first < 200; first += 8) {
    const batch = await Promise.all(Array.from({ length: 8 }, (_, offset) =>
      deploy(`/generic-local/mixed/${String(first + offset)}.bin`, content(first + offset, random))));
    files.push(...batch.filter((each) => each !== undefined));
  }
  expect(files).toHaveLength(200);
  expect(await wrong(files)).toEqual([]);
});

test('the master killed during deploys: another one leads, nothing acknowledged is lost, no client sees it', async () => {
  const { node: master, epoch } = await cluster.master();
  const random = new Random(seedOfRun());
  const state = { stop: false };
  const files: Deployed[] = [];
  const refused: string[] = [];
  let count = 0;
  const client = async (): Promise<void> => {
    while (!state.stop) {
      count += 1;
      const path = `/generic-local/kill/${String(count)}.bin`;
      const deployed = await deploy(path, content(count % 6, random));
      if (deployed === undefined) refused.push(path);
      else files.push(deployed);
    }
  };
  const clients = Promise.all([client(), client(), client(), client()]);
  await waitFor('deploys under way', () => files.length >= 20);
  const killedAt = performance.now();
  const killing = master.kill();
  const next = await cluster.master({ except: master.nodeId, aboveEpoch: epoch });
  const tookMs = performance.now() - killedAt;
  await killing;
  const soFar = files.length;
  await waitFor('deploys afterwards', () => files.length >= soFar + 20);
  state.stop = true;
  await clients;
  console.log(`epoch ${String(epoch)} → ${String(next.epoch)} in ${tookMs.toFixed(0)} ms; ${String(files.length)} deploys, ${String(refused.length)} refused`);
  expect(next.epoch).toBe(epoch + 1);
  expect(tookMs).toBeLessThan(allowed(1000));
  expect(await wrong(files)).toEqual([]);
  expect(refused).toEqual([]);
  await master.start();
  await cluster.untilServing();
});

test('a frozen master is replaced within 5 s; thawed, it does no master\'s work', async () => {
  const { node: master, epoch } = await cluster.master();
  const frozenAt = performance.now();
  master.freeze();
  let next: Awaited<ReturnType<TestCluster['master']>>;
  let tookMs: number;
  try {
    next = await cluster.master({ except: master.nodeId, aboveEpoch: epoch });
    tookMs = performance.now() - frozenAt;
  } finally {
    master.thaw();
  }
  expect(tookMs).toBeLessThan(allowed(5000));
  expect(next.epoch).toBe(epoch + 1);
  await cluster.untilServing();
  // it may ask for work itself: the run has to carry the new epoch, or a later one, never the old one
  const answer = await master.client.post('/api/system/storage/gc?dryRun=1');
  expect(answer.status).toBe(202);
  const late = await cluster.postgres.query(`select task_run.* from task_run join epoch_history next on next.epoch = ${String(next.epoch)} where task_run.epoch <= ${String(epoch)} and finished_at > next.since`, cluster.database);
  expect(late).toEqual([]);
  expect((await cluster.master()).epoch).toBe(next.epoch);
  const history = await cluster.postgres.query('select epoch, node_id from epoch_history order by epoch desc limit 1', cluster.database);
  expect(history).toEqual([{ epoch: String(next.epoch), node_id: next.node.nodeId }]);
});

test('PostgreSQL killed and restarted under load: nodes recover by themselves, nothing acknowledged is lost', async () => {
  const random = new Random(seedOfRun());
  const state = { stop: false };
  const files: Deployed[] = [];
  let count = 0;
  const client = async (): Promise<void> => {
    while (!state.stop) {
      count += 1;
      const deployed = await deploy(`/generic-local/database/${String(count)}.bin`, content(count % 6, random));
      if (deployed !== undefined) files.push(deployed);
    }
  };
  const pids = cluster.nodes.map(({ pid }) => pid);
  const clients = Promise.all([client(), client(), client(), client()]);
  try {
    await waitFor('deploys under way', () => files.length >= 20);
    await cluster.postgres.kill();
    await waitFor('503 with Retry-After while there is no database', async () => {
      const { status, headers } = await cluster.nodes[0]!.client.put('/generic-local/database/none.txt', 'x');
      return status === 503 && headers['retry-after'] !== undefined;
    });
    await cluster.postgres.restart();
    const backAt = performance.now();
    await Promise.all(cluster.nodes.map((node) => waitFor(`${node.nodeId} to serve again`, async () =>
      (await node.client.get('/api/system/ping')).status === 200)));
    const tookMs = performance.now() - backAt;
    console.log(`served again ${tookMs.toFixed(0)} ms after the database was back`);
    expect(tookMs).toBeLessThan(allowed(2000));
    const soFar = files.length;
    await waitFor('deploys afterwards', () => files.length >= soFar + 20);
  } finally {
    state.stop = true;
    await clients;
  }
  expect(cluster.nodes.map(({ pid }) => pid)).toEqual(pids);
  expect(await wrong(files)).toEqual([]);
});
