import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../../harness/cluster.ts';
import { LinkProxy } from '../../harness/link-proxy.ts';
import { waitFor } from '../../harness/wait-for.ts';

/*
 * A server whose log is written to a busy disk answers every look and commits nothing for seconds, heartbeats included. It is not away: whoever is turned
 * away then has nowhere else to go.
 */

let database: LinkProxy;
let cluster: TestCluster;
const isHeartbeat = (chunk: Buffer): boolean => chunk.includes('update incarnation set heartbeat_at');
const put = (name: string): Promise<number> => cluster.nodes[0]!.client.put(`/generic-local/${name}`, Buffer.from(name)).then(({ status }) => status);
const ping = async (): Promise<number> => (await cluster.nodes[0]!.client.get('/api/system/ping')).status;

beforeAll(async () => {
  cluster = await startCluster({
    nodes: 1, balancer: false, database: async (postgres) => {
      database = await LinkProxy.to(postgres.port);
      return { port: database.port };
    },
  });
});
afterEach(() => {
  database.watch(undefined);
  database.mend();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await database.close();
});

test('a node whose heartbeats are not confirmed serves for as long as the database answers', async () => {
  let held = 0;
  const end = Promise.withResolvers<undefined>();
  database.watch(async (chunk): Promise<'pass'> => {
    if (isHeartbeat(chunk)) {
      held += 1;
      await end.promise;
    }
    return 'pass';
  });
  const seen: number[] = [];
  await waitFor('a second heartbeat that is given up', async () => {
    seen.push(await ping(), await put(`slow-${String(seen.length)}`));
    return held > 2;
  }, { timeoutMs: 20_000 });
  end.resolve(undefined);
  expect(new Set(seen)).toEqual(new Set([200, 201]));
});

test('a node that the server refuses a heartbeat serves on', async () => {
  const holder = cluster.postgres.query('begin; update incarnation set heartbeat_at = heartbeat_at; select pg_sleep(4); rollback', cluster.database);
  const seen: number[] = [];
  let over = false;
  void holder.finally(() => { over = true; });
  await waitFor('the end of the lock', async () => {
    seen.push(await ping(), await put(`locked-${String(seen.length)}`));
    return over;
  }, { timeoutMs: 20_000 });
  await holder;
  expect(new Set(seen)).toEqual(new Set([200, 201]));
});

test('a database that answers nothing is away', async () => {
  database.hold();
  await waitFor('a refusal', async () => await ping() === 503, { timeoutMs: 4000 });
  database.mend();
  await waitFor('the node to serve again', async () => await ping() === 200, { timeoutMs: 6000 });
});
