import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { conditionOf, detachedLauncher, identify, sendSignal, waitForEnd, type ProcessIdentity } from '../process/index.ts';
import { PostgresServer } from './index.ts';

const initial = { superuserPassword: 'super-secret', role: 'bulkhead', rolePassword: "it's secret", database: 'bulkhead' };
let folder: string;
let running: ProcessIdentity[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bulkhead-postgres-'));
  running = [];
});
afterEach(async () => {
  for (const server of running) {
    await sendSignal(server, 'SIGKILL');
    await waitForEnd(server, 30_000);
  }
  await rm(folder, { recursive: true, force: true, maxRetries: 20 });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function start(server: PostgresServer, port: number): Promise<ProcessIdentity> {
  const { pid } = await detachedLauncher.launch(await server.command(port, { max_connections: 20 }, join(folder, 'log')));
  const identity = await identify(pid);
  if (identity === null) throw new Error('the server ended at once');
  running.push(identity);
  expect(await server.untilReady(identity, 60_000)).toBe(true);
  return identity;
}

async function ask(port: number, statement: string, login: { user: string; password: string; host?: string }): Promise<unknown> {
  const client = new Client({ host: '127.0.0.1', ...login, port, database: 'bulkhead' });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows[0];
  } finally {
    await client.end();
  }
}

it('initializes, serves role and database, survives kill -9, stops', async () => {
  const server = await PostgresServer.in(join(folder, 'postgres'));
  await server.initialize(initial);
  expect((await readdir(join(folder, 'postgres'))).sort()).toEqual(['data']);
  const port = await freePort();
  const first = await start(server, port);
  const login = { user: 'bulkhead', password: initial.rolePassword };
  expect(await ask(port, 'select rolsuper, current_setting(\'max_connections\') as max from pg_roles where rolname = current_user', login))
    .toEqual({ rolsuper: false, max: '20' });
  await expect(ask(port, 'select 1', { user: 'bulkhead', password: 'wrong' })).rejects.toMatchObject({ code: '28P01' });
  await expect(ask(port, 'select 1', { user: 'postgres', password: '', host: join(folder, 'postgres', 'socket') })).rejects.toThrow();
  await ask(port, 'create table kept as select 7 as value', login);

  await sendSignal(first, 'SIGKILL');
  expect(await waitForEnd(first, 30_000)).toBe(true);
  expect(await server.untilReady(first, 1000)).toBe(false);

  const second = await start(server, port);
  expect(await ask(port, 'select value from kept', login)).toEqual({ value: 7 });
  await server.initialize(initial);
  await server.stop(second, 60_000);
  expect(await conditionOf(second)).toBe('stopped');
});

it('leaves nothing behind when the creation is interrupted', async () => {
  const server = await PostgresServer.in(join(folder, 'postgres'));
  const abort = new AbortController();
  const initialization = server.initialize(initial, abort.signal);
  setTimeout(() => abort.abort(), 100);
  await expect(initialization).rejects.toMatchObject({ code: 'CANCELLED' });
  expect(await server.isInitialized()).toBe(false);
  expect(await readdir(join(folder, 'postgres'))).toEqual([]);
});
