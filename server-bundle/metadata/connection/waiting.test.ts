import { sql } from 'kysely';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { LinkProxy } from '../../../test/harness/link-proxy.ts';
import { startPostgres, type TestPostgres } from '../../../test/harness/postgres.ts';
import { nodeConfig } from '../../config/schema.ts';
import { DatabasePasswords } from '../../security/rotating-secrets.ts';
import { openDatabase, type OpenDatabase } from './database.ts';

/** Whoever waits for one of few connections in vain: shed by a node that is busy, told of a database that is away. */
/** Long beside the 20 ms in which a busy server answers: this process may stand still for some of it on a busy machine. */
const acquireMs = 1500;
let postgres: TestPostgres;
let link: LinkProxy;
let database: OpenDatabase;

beforeAll(async () => {
  postgres = await startPostgres();
  link = await LinkProxy.to(postgres.port);
  database = openDatabase({
    database: nodeConfig.shape.database.parse({ host: postgres.host, port: link.port, name: await postgres.createDatabase(), user: postgres.user }),
    passwords: new DatabasePasswords([postgres.password]), name: 'waiting-test', max: 2, acquireMs,
  });
});
afterAll(async () => {
  link.cut();
  await database.close().catch(() => undefined);
  await link[Symbol.asyncDispose]();
  await postgres.stop();
});

/** Keeps every connection, and the server busy with it, until it is told to stop. */
function keepBusy(): { stop(): Promise<void> } {
  let over = false;
  const holders = [0, 1].map(() => database.db.transaction().execute(async (trx) => {
    while (!over) await sql`select pg_sleep(0.02)`.execute(trx);
  }));
  return {
    stop: async () => {
      over = true;
      await Promise.all(holders);
    },
  };
}
/** What so many statements at once are refused with. */
async function refusals(count: number): Promise<string[]> {
  const asked = await Promise.allSettled(Array.from({ length: count }, () => sql`select 1`.execute(database.db)));
  return [...new Set(asked.map((each) => (each.status === 'fulfilled' ? 'answered' : (each.reason as { code: string }).code)))];
}

it('sheds all that wait for a server that answers others, the last one of them too', async () => {
  const busy = keepBusy();
  await expect.poll(() => database.state()).toMatchObject({ inUse: 2 });
  expect(await refusals(5)).toEqual(['OVERLOADED']);
  expect(await refusals(1)).toEqual(['OVERLOADED']);
  await busy.stop();
  expect(await refusals(5)).toEqual(['answered']);
});

it('does not take a server that answers nobody for a busy one, however many wait for it', async () => {
  const busy = keepBusy();
  await expect.poll(() => database.state()).toMatchObject({ inUse: 2 });
  link.hold();
  // an answer that was under way when the link fell silent may still come
  await expect.poll(() => refusals(5)).toEqual(['DATABASE_UNAVAILABLE']);
  link.resume();
  await busy.stop();
  expect(await refusals(5)).toEqual(['answered']);
});

it('sheds those that wait behind long statements, where the server is heard of elsewhere', async () => {
  let heardAt = -Infinity;
  const other = openDatabase({
    database: nodeConfig.shape.database.parse({ host: postgres.host, port: link.port, name: await postgres.createDatabase(), user: postgres.user }),
    passwords: new DatabasePasswords([postgres.password]), name: 'waiting-test', max: 1, acquireMs, heardElsewhere: () => heardAt,
  });
  const long = sql`select pg_sleep(6)`.execute(other.db);
  await expect.poll(() => other.state()).toMatchObject({ inUse: 1 });
  const wait = (): Promise<unknown> => sql`select 1`.execute(other.db).then(() => undefined, (error: unknown) => (error as { code: string }).code);
  await wait();
  expect(await wait()).toBe('DATABASE_UNAVAILABLE');
  const heartbeats = setInterval(() => { heardAt = performance.now(); }, 20);
  expect(await wait()).toBe('OVERLOADED');
  clearInterval(heartbeats);
  await long;
  await other.close();
});
