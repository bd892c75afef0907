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

test('a database that was away and commits slowly afterwards is back with its first answer', async () => {
  database.hold();
  await waitFor('a refusal', async () => await ping() === 503, { timeoutMs: 4000 });
  const end = Promise.withResolvers<undefined>();
  database.watch(async (chunk): Promise<'pass'> => {
    if (isHeartbeat(chunk)) await end.promise;
    return 'pass';
  });
  database.breakAll();
  database.mend();
  try {
    await waitFor('the node to serve again', async () => await ping() === 200, { timeoutMs: 10_000 });
    expect(await put('slow-and-back')).toBe(201);
  } finally {
    end.resolve(undefined);
  }
});

const settle = async (...statements: string[]): Promise<void> => { for (const statement of statements) await cluster.postgres.query(statement, cluster.database); };
const endSessions = `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'bulkhead'`;

test.for([
  ['a server that lets this node in no more', ['alter role bulkhead nologin', endSessions], ['alter role bulkhead login']],
  ['a former primary that is fenced off by taking no writes', ['alter system set default_transaction_read_only = on', 'select pg_reload_conf()'],
    ['alter system reset default_transaction_read_only', 'select pg_reload_conf()']],
] as const)('%s is no database of this node, although it answers', async ([, shut, open]) => {
  await settle(...shut);
  try {
    await waitFor('a refusal', async () => await ping() === 503, { timeoutMs: 8000 });
    expect((await cluster.nodes[0]!.client.get('/generic-local/slow-0')).status).toBe(503);
  } finally {
    await settle(...open);
  }
  await waitFor('the node to serve again', async () => await ping() === 200, { timeoutMs: 10_000 });
});
