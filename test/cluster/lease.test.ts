import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type OpenDatabase } from '../../server-bundle/metadata/connection/database.ts';
import { applicationName } from '../../server-bundle/metadata/connection/session-settings.ts';
import { fencedTransaction, releaseLease, takeOver, type TakenLease } from '../../server-bundle/metadata/leadership.ts';
import { endSessions, join, markGone } from '../../server-bundle/metadata/membership.ts';
import { migrate } from '../../server-bundle/metadata/migrator.ts';
import { startPostgres, type TestPostgres } from '../harness/postgres.ts';
import { DatabasePasswords } from '../../server-bundle/security/rotating-secrets.ts';
import { waitFor } from '../harness/wait-for.ts';

let server: TestPostgres;
let own: OpenDatabase;
let name: string;
const opened: OpenDatabase[] = [];
beforeAll(async () => { server = await startPostgres(); });
afterAll(() => server.stop());

const open = (incarnation: string | null, lockMs = 3000): OpenDatabase => {
  const { host, port, user, password } = server;
  const database = openDatabase({
    database: { host, port, name, user, tls: { mode: 'disable' }, pool: { min: 2, max: 4 }, keepForOthers: 0, statementTimeoutMs: 20_000 },
    passwords: new DatabasePasswords([password]), name: incarnation === null ? 'test' : applicationName('node', incarnation), max: 4, lockMs,
    ...(incarnation === null ? {} : { incarnation }),
  });
  opened.push(database);
  return database;
};

interface Member { readonly id: string; readonly nodeId: string; readonly database: OpenDatabase }

async function member(nodeId: string): Promise<Member> {
  const id = randomUUID();
  await join(own.db, { nodeId, incarnation: id, url: `http://${nodeId}`, version: '1', stoodStill: null });
  return { id, nodeId, database: open(id) };
}

async function take(by: Member, seen: { epoch: number; leaseId: string } | null, planned = false): Promise<{ taken: TakenLease | null; leaseId: string }> {
  const leaseId = randomUUID();
  return { leaseId, taken: await takeOver(by.database.db, { incarnation: by.id, nodeId: by.nodeId, leaseId, seen, planned, ttlMs: 60_000 }) };
}

beforeEach(async () => {
  await Promise.all(opened.splice(0).map((database) => database.close()));
  name = await server.createDatabase();
  own = open(null);
  await migrate(own.db);
  return async () => { await Promise.all(opened.splice(0).map((database) => database.close())); };
});

test('of two that take the same lease one wins; a live holder keeps it', async () => {
  const [a, b] = [await member('a'), await member('b')];
  const [first, second] = await Promise.all([take(a, null), take(b, null)]);
  const winner = first.taken === null ? second : first;
  expect([first.taken, second.taken].filter((taken) => taken !== null)).toHaveLength(1);
  expect(winner.taken).toMatchObject({ epoch: 1, cause: 'first', gapMs: null });
  const seen = { epoch: 1, leaseId: winner.leaseId };
  expect((await take(first.taken === null ? a : b, seen)).taken).toBeNull();
  expect(await releaseLease(own.db, winner.leaseId, null)).toBe(true);
  const raced = await Promise.all([take(a, seen, true), take(b, seen, true)]);
  expect(raced.filter(({ taken }) => taken !== null)).toHaveLength(1);
});

test("a takeover waits for the predecessor's open transaction, and ends it: its effect cannot land later", async () => {
  const [a, b] = [await member('a'), await member('b')];
  const { leaseId } = await take(a, null);
  let frozen = (): void => undefined;
  const work = fencedTransaction(a.database.db, { epoch: 1, leaseId, limitMs: 60_000 }, async (trx) => {
    await sql`insert into setting (key, value) values ('by-master', '1')`.execute(trx);
    await new Promise<void>((resolve) => { frozen = resolve; });
  });
  work.catch(() => undefined);
  await waitFor('the open transaction', async () => (await sql`select from pg_stat_activity where state = 'idle in transaction' and query like '%by-master%'`.execute(own.db)).rows.length > 0);
  await markGone(own.db, a, 'lost');
  await expect(take(b, { epoch: 1, leaseId })).rejects.toMatchObject({ code: '55P03' });
  await waitFor('the end of its sessions', async () => (await endSessions(own.db, a.id)) === 0);
  const after = await take(b, { epoch: 1, leaseId });
  expect(after.taken).toMatchObject({ epoch: 2, cause: 'fail-over', previousNodeId: 'a' });
  frozen();
  await expect(work).rejects.toThrow();
  expect((await sql`select from setting where key = 'by-master'`.execute(own.db)).rows).toHaveLength(0);
});

test('a former master is told so by the first statement of its work', async () => {
  const [a, b] = [await member('a'), await member('b')];
  const { leaseId } = await take(a, null);
  await releaseLease(own.db, leaseId, null);
  await take(b, { epoch: 1, leaseId }, true);
  const effect = fencedTransaction(a.database.db, { epoch: 1, leaseId, limitMs: 1000 }, () => Promise.reject(new Error('must not run')));
  await expect(effect).rejects.toMatchObject({ code: 'NOT_MASTER' });
});

test('work that meets a deadlock runs again', async () => {
  const a = await member('a');
  const { leaseId } = await take(a, null);
  await sql`insert into setting (key, value) values ('first', '0'), ('second', '0')`.execute(own.db);
  let runs = 0;
  const bothHoldOne = Promise.withResolvers<undefined>();
  const work = (...keys: readonly [string, string]): Promise<void> => fencedTransaction(a.database.db, { epoch: 1, leaseId, limitMs: 60_000 }, async (trx) => {
    const count = (key: string) => sql`update setting set value = to_jsonb(value::int + 1) where key = ${key}`.execute(trx);
    await count(keys[0]);
    runs += 1;
    if (runs === 2) bothHoldOne.resolve(undefined);
    await bothHoldOne.promise;
    await count(keys[1]);
  });
  await Promise.all([work('first', 'second'), work('second', 'first')]);
  // the one that was undone may be back before the other has noticed, and be in its way again
  expect(runs).toBeGreaterThanOrEqual(3);
  expect((await sql`select key from setting where value = '2'`.execute(own.db)).rows).toHaveLength(2);
});

test('nothing of an incarnation that was marked gone gets a new session', async () => {
  const a = await member('a');
  await sql`select 1`.execute(a.database.db);
  await markGone(own.db, a, 'lost');
  await waitFor('the end of its sessions', async () => (await endSessions(own.db, a.id)) === 0);
  await waitFor('the refusal', async () => sql`select 1`.execute(a.database.db).then(() => false, (error: unknown) => error instanceof Error && error.name === 'IncarnationGone'));
});

test('a member that has moved is not marked gone, and one of another address is not replaced', async () => {
  const a = await member('a');
  expect(await markGone(own.db, a, 'lost', { olderThanMs: 60_000 })).toBe(false);
  const elsewhere = join(own.db, { nodeId: 'a', incarnation: randomUUID(), url: 'http://elsewhere', version: '1', stoodStill: null });
  await expect(elsewhere).rejects.toMatchObject({ code: 'NODE_ID_IN_USE' });
  const again = await join(own.db, { nodeId: 'a', incarnation: randomUUID(), url: 'http://a', version: '1', stoodStill: null });
  expect(again.replaced).toBe(a.id);
});

test('a session names itself whole, however long the node is named', () => {
  const incarnation = randomUUID();
  const long = applicationName('a'.repeat(63), incarnation);
  expect(long).toHaveLength(63);
  expect(long.endsWith(`:${incarnation}`)).toBe(true);
});
