import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { startPostgres, type TestPostgres } from '../../test/harness/postgres.ts';
import { nodeConfig } from '../config/schema.ts';
import { DatabasePasswords } from '../security/rotating-secrets.ts';
import { openDatabase, type OpenDatabase } from './connection/database.ts';
import { isReachable } from './reachable.ts';

/** A heartbeat has failed: whether it was the disk, or this node has no database any more. */
let postgres: TestPostgres;
let name: string;
let database: OpenDatabase;

beforeAll(async () => {
  postgres = await startPostgres();
  name = await postgres.createDatabase();
  await postgres.query('create table written (at timestamptz)', name);
  await postgres.query(`alter table written owner to ${postgres.user}`, name);
  database = openDatabase({
    database: nodeConfig.shape.database.parse({ host: postgres.host, port: postgres.port, name, user: postgres.user }),
    passwords: new DatabasePasswords([postgres.password]), name: 'reachable-test', lockMs: 100,
  });
});
afterEach(async () => {
  await postgres.query(`begin read write; alter role ${postgres.user} login; commit`);
  await postgres.query('alter system reset default_transaction_read_only');
  await postgres.query('select pg_reload_conf()');
});
afterAll(async () => {
  await database.close();
  await postgres.stop();
});

/** What a statement that writes fails with now. */
async function failure(): Promise<unknown> {
  return sql`insert into written values (clock_timestamp())`.execute(database.db).then(() => undefined, (error: unknown) => error);
}
const endSessions = (): Promise<unknown> => postgres.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename = '${postgres.user}'`);

it('takes a limit of the server for its word', async () => {
  const holder = postgres.query('begin; lock table written; select pg_sleep(1); rollback', name);
  await expect.poll(failure).toMatchObject({ code: '55P03' });
  expect(await isReachable(database.db, await failure())).toBe(true);
  await holder;
});

it('takes a connection that was lost for nothing, where the next one is answered', async () => {
  expect(await failure()).toBeUndefined();
  await endSessions();
  await expect.poll(() => database.livePids()).toEqual([]);
  expect(await isReachable(database.db, Object.assign(new Error('silent'), { code: '08006' }))).toBe(true);
});

it('does not reach a server that lets it in no more, although that one answers', async () => {
  await postgres.query(`alter role ${postgres.user} nologin`);
  await endSessions();
  await expect.poll(failure).toMatchObject({ code: '28000' });
  expect(await isReachable(database.db, await failure())).toBe(false);
  expect(await isReachable(database.db, new Error('silent'))).toBe(false);
});

it('does not reach a former primary that takes no writes any more, although it answers what is read', async () => {
  expect(await failure()).toBeUndefined();
  await postgres.query('alter system set default_transaction_read_only = on');
  await postgres.query('select pg_reload_conf()');
  await expect.poll(failure).toMatchObject({ code: '25006' });
  expect(await isReachable(database.db, await failure())).toBe(false);
  // where the heartbeat was lost on its way
  expect(await isReachable(database.db, new Error('silent'))).toBe(false);
});
