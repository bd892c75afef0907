import { readFile, readdir } from 'node:fs/promises';
import { startCluster, type TestCluster, type TestNode } from '../../harness/cluster.ts';
import { waitFor } from '../../harness/wait-for.ts';

/** Workers of each node in these tests. */
export const workerCount = 2;

/** Two nodes with two workers each, all of which serve. */
export async function startWithWorkers(): Promise<TestCluster> {
  const cluster = await startCluster({
    nodes: 2, balancer: false, start: false,
    // on a busy machine one read may take longer than the harness's short notice of a drain
    config: { node: { workers: workerCount }, database: { pool: { min: 6, max: 9 } }, timing: { drainNoticeMs: 2000 } },
  });
  try {
    await Promise.all(cluster.nodes.map((node) => node.start()));
    await Promise.all(cluster.nodes.map((node) => untilWorkersServe(node)));
    await cluster.untilServing();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}

/** Processes of the workers of a node that runs. */
export async function workersOf({ nodeId, pid }: TestNode): Promise<number[]> {
  if (pid === undefined) throw new Error(`${nodeId} does not run`);
  const threads = await readdir(`/proc/${String(pid)}/task`);
  const lists = await Promise.all(threads.map((thread) => readFile(`/proc/${String(pid)}/task/${thread}/children`, 'utf8').catch(() => '')));
  return lists.join(' ').split(' ').filter((each) => each !== '').map(Number);
}

/** Waits until a node has all its workers, none of which is among `except`; returns their processes. */
export function untilWorkersServe(node: TestNode, except: readonly number[] = []): Promise<number[]> {
  return waitFor(`the workers of ${node.nodeId}`, async () => {
    const workers = await workersOf(node);
    const lines = (await node.log()).split('\n').filter((line) => line.includes('"worker serves"'));
    const serve = workers.every((pid) => !except.includes(pid) && lines.some((line) => line.includes(`"pid":${String(pid)},`)));
    return workers.length === workerCount && serve && workers;
  }, { everyMs: 100 });
}

/** Whether a process is there and has not ended. */
export function isAlive(pid: number): Promise<boolean> {
  return readFile(`/proc/${String(pid)}/stat`, 'utf8').then((stat) => !/\) [ZX] /.test(stat), () => false);
}
