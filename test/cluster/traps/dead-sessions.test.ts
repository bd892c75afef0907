import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import pino from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { Chores } from '../../../server-bundle/cluster/leadership/chores.ts';
import type { Leadership } from '../../../server-bundle/cluster/ports.ts';
import type { HeartbeatAnswer } from '../../../server-bundle/metadata/heartbeat.ts';
import { budgetFacts, budgetOf, confirmShrink, requestGrant } from '../../../server-bundle/metadata/grants.ts';
import { databaseFailure } from '../../../server-bundle/metadata/failure.ts';
import { endSessions, markGone } from '../../../server-bundle/metadata/membership.ts';
import { LinkProxy } from '../../harness/link-proxy.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { begin } from '../tasks/metadata-database.ts';
import { membersDatabase, type MembersDatabase } from './members-database.ts';

/** Sessions outlive the process or the host that opened them, and what they hold, and may still do, outlives it with them. */
let postgres: TestPostgres;
let members: MembersDatabase;
beforeAll(async () => { postgres = await startPostgres({ settings: { max_connections: 60 } }); });
afterAll(() => postgres.stop());
beforeEach(async () => {
  members = await membersDatabase(postgres);
  return () => members[Symbol.asyncDispose]();
});

const sessionsOf = async (id: string): Promise<number> =>
  (await sql`select from pg_stat_activity where application_name like ${`bulkhead:%:${id}`}`.execute(members.own.db)).rows.length;

test('what a gone incarnation left is swept only when none of its sessions is there: until then it may still commit', async () => {
  const writer = await members.member('writer');
  // it has published a file, and stops before its commit
  const frozen = await begin(writer.database.db);
  await sql`insert into setting (key, value) values ('late', '1')`.execute(frozen.trx);
  await markGone(members.own.db, writer, 'lost');

  const swept: number[] = [];
  const fenced: Leadership['fenced'] = (effect) => members.own.db.transaction().execute((trx) => effect(trx, 1));
  const chores = new Chores({
    leadership: { isMaster: () => true, fenced } as Leadership, work: members.own.db, log: pino({ level: 'silent' }), keepForOthers: 0, keepEvents: 100,
    sweep: async (incarnation) => { swept.push(await sessionsOf(incarnation)); },
  });
  const heartbeat = (sessions: number): void => {
    chores.heartbeat({ members: [], gone: [{ id: writer.id, nodeId: writer.nodeId, sessions }], collectionLocked: null } as unknown as HeartbeatAnswer);
  };
  try {
    // the heartbeat that finds them ends them, and proves nothing yet
    heartbeat(1);
    await waitFor('the end of its sessions', async () => await sessionsOf(writer.id) === 0);
    expect(swept).toEqual([]);
    await waitFor('the sweep', () => { heartbeat(0); return swept.length > 0; });
    expect(new Set(swept)).toEqual(new Set([0]));
  } finally {
    await expect(frozen.commit()).rejects.toThrow();
  }
  expect((await sql`select from setting where key = 'late'`.execute(members.own.db)).rows).toEqual([]);
  await waitFor('the note that it is cleaned', async () => (await sql`select from incarnation where id = ${writer.id} and cleaned`.execute(members.own.db)).rows.length === 1);
});

test('a grant is free when the server shows no session of its holder, and not when the holder is gone', async () => {
  const { budget } = budgetOf(await budgetFacts(members.own.db), 0);
  const configured = { min: budget - 4, max: budget - 2 };
  const [dead, next] = [await members.member('dead'), await members.member('next')];
  const asked = { control: 2, configured };
  expect(await requestGrant(members.own.db, { ...asked, incarnation: dead.id, nodeId: dead.nodeId }, 0)).toEqual({ kind: 'granted', pool: budget - 2 });
  // as after a power loss: TCP believes in the session
  await sql`select 1`.execute(dead.database.db);
  await markGone(members.own.db, dead, 'lost');
  const ask = (): ReturnType<typeof requestGrant> => requestGrant(members.own.db, { ...asked, incarnation: next.id, nodeId: next.nodeId }, 0);
  expect((await ask()).kind).not.toBe('granted');
  await waitFor('the end of its sessions', async () => (await endSessions(members.own.db, dead.id)) === 0);
  expect(await ask()).toEqual({ kind: 'granted', pool: budget - 2 });
});

test('a shrink counts when the server confirms it', async () => {
  const [large, next] = [await members.member('large'), await members.member('next')];
  const grant = (incarnation: string, nodeId: string): ReturnType<typeof requestGrant> =>
    requestGrant(members.own.db, { incarnation, nodeId, control: 0, configured: { min: 2, max: 4 } }, 0);
  await grant(large.id, large.nodeId);
  await grant(next.id, next.nodeId);
  const open = await Promise.all([0, 1, 2, 3].map(() => begin(large.database.db)));
  expect(await confirmShrink(members.own.db, large.id, large.nodeId, 2)).toBe(false);
  await Promise.all(open.map((each) => each.commit()));
  expect(await confirmShrink(members.own.db, large.id, large.nodeId, 2)).toBe(false);
  await large.database.resize(2);
  await waitFor('the server to see it', () => confirmShrink(members.own.db, large.id, large.nodeId, 2));
});

test('a database that is another one, or on another timeline, is no session for this incarnation', async () => {
  const member = await members.member('here');
  const [found] = await postgres.query('select system_identifier::text as id from pg_control_system()');
  const identity = { systemIdentifier: String(found?.['id']), timeline: 1 };
  const at = (other: Partial<typeof identity>): Promise<unknown> => sql`select 1`.execute(members.open(member.id, { identity: { ...identity, ...other } }).db);
  await at({});
  await expect(at({ timeline: 2 })).rejects.toMatchObject({ name: 'IdentityChanged' });
  await expect(at({ systemIdentifier: '7' })).rejects.toMatchObject({ name: 'IdentityChanged' });
  await expect(sql`select 1`.execute(members.open(randomUUID(), { identity }).db)).rejects.toMatchObject({ name: 'IncarnationGone' });
});

test('a connection that breaks in its handshake means that there is no database now, and one that is not let in that this node does not serve', async () => {
  const member = await members.member('here');
  await using proxy = await LinkProxy.to(postgres.port);
  const failure = async (incarnation: string): Promise<unknown> => {
    const { host, user } = postgres;
    const database = { host, port: proxy.port, name: members.name, user, tls: { mode: 'disable' as const }, pool: { min: 1, max: 1 }, keepForOthers: 0, statementTimeoutMs: 5000 };
    return sql`select 1`.execute(members.open(incarnation, { database }).db).then(() => 'served', databaseFailure);
  };
  expect(await failure(member.id)).toBe('served');
  expect(await failure(randomUUID())).toMatchObject({ code: 'NOT_SERVING' });
  const password = 'p'.charCodeAt(0);
  for (const breaks of [() => true, (chunk: Buffer) => chunk[0] === password]) {
    proxy.watch((chunk) => (breaks(chunk) ? 'break' : 'pass'));
    expect(await failure(member.id)).toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  }
});
