import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres, type TestPostgres } from '../harness/postgres.ts';

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres({ settings: { max_connections: 17 } });
});
afterAll(() => server.stop());

async function ask(database: string, statement: string): Promise<unknown> {
  const { host, port, user, password } = server;
  const client = new Client({ host, port, user, password, database });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows[0];
  } finally {
    await client.end();
  }
}

test('serves databases of an ordinary user, with the settings asked for', async () => {
  const name = await server.createDatabase();
  expect(await ask(name, 'show max_connections')).toEqual({ max_connections: '17' });
  expect(await ask(name, 'select rolsuper from pg_roles where rolname = current_user')).toEqual({ rolsuper: false });
  expect(await server.createDatabase()).not.toBe(name);
});

test('what was committed survives a kill; the port stays', async () => {
  const name = await server.createDatabase('survivor');
  await ask(name, 'create table kept as select 42 as answer');
  const { port } = server;
  await server.kill();
  await expect(ask(name, 'select 1')).rejects.toThrow('ECONNREFUSED');
  await server.restart();
  expect(server.port).toBe(port);
  expect(await ask(name, 'select answer from kept')).toEqual({ answer: 42 });
  await server.restart();
  expect(await ask(name, 'select answer from kept')).toEqual({ answer: 42 });
});

test('leaves nothing behind', async () => {
  const other = await startPostgres();
  const [found] = await other.query(`select current_setting('data_directory') as folder`);
  const folder = dirname(String(found?.['folder']));
  expect(folder.startsWith(tmpdir())).toBe(true);
  expect(existsSync(folder)).toBe(true);
  await other.stop();
  expect(existsSync(folder)).toBe(false);
});
