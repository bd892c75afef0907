import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startCluster, type TestCluster } from '../harness/cluster.ts';
import { NodeClient, sha256 } from '../harness/node-client.ts';
import { waitFor } from '../harness/wait-for.ts';
import { keepKilling } from './restless-nodes.ts';

let cluster: TestCluster;
beforeAll(async () => { cluster = await startCluster(); });
afterAll(() => cluster.stop());

it('twenty nodes are killed under load, and no GET, HEAD, PUT or DELETE fails', async () => {
  const failures: string[] = [];
  let requests = 0;
  let over = false;
  /** what was acknowledged, by path */
  const stored = new Map<string, string>();

  const work = async (number: number): Promise<void> => {
    await using client = new NodeClient(cluster.balancer.url, cluster.admin, 60_000);
    const ask = async (what: string, expected: number, send: () => ReturnType<NodeClient['get']>) => {
      requests += 1;
      try {
        const answer = await send();
        if (answer.status !== expected) failures.push(`${what}: ${String(answer.status)} ${answer.text().slice(0, 200)}`);
        return answer;
      } catch (error) {
        failures.push(`${what}: ${String(error)}`);
        return undefined;
      }
    };
    for (let round = 0; !over; round += 1) {
      const path = `/generic-local/load/${String(number)}/${String(round % 20)}.bin`;
      const content = randomBytes([1000, 60_000, 700_000, 5_000_000][round % 17 === 16 ? 3 : round % 3] ?? 1000);
      const put = await ask(`PUT ${path}`, 201, () => client.put(path, content));
      if (put?.status === 201) stored.set(path, sha256(content));
      await ask(`HEAD ${path}`, 200, () => client.request(path, { method: 'HEAD' }));
      const got = await ask(`GET ${path}`, 200, () => client.get(path));
      if (got?.status === 200 && sha256(got.body) !== stored.get(path)) failures.push(`GET ${path}: other bytes`);
      if (round % 10 === 9) {
        await ask(`DELETE ${path}`, 204, () => client.delete(path));
        stored.delete(path);
      }
    }
  };

  const clients = Array.from({ length: 4 }, (_, number) => work(number));
  const restless = keepKilling(cluster, {
    between: async () => {
      const before = requests;
      await waitFor('more requests', () => requests > before + 15 || failures.length > 0);
    },
  });
  await Promise.race([restless.ended, waitFor('twenty kills', () => restless.kills >= 20 || failures.length > 0, { timeoutMs: 840_000 })]);
  // the clients go on until the last node is back: the killing waits for their requests
  await restless.stop();
  over = true;
  await Promise.all(clients);
  expect(failures).toEqual([]);
  expect(restless.kills).toBeGreaterThanOrEqual(20);

  // everything acknowledged is readable, from every node
  await cluster.untilServing();
  for (const node of cluster.nodes) {
    for (const [path, digest] of stored) expect(sha256((await node.client.get(path)).body)).toBe(digest);
  }
});
