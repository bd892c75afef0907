import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { beat, type HeartbeatReport } from '../../../server-bundle/metadata/heartbeat.ts';
import { fencedTransaction } from '../../../server-bundle/metadata/leadership.ts';
import { markGone, setDesired } from '../../../server-bundle/metadata/membership.ts';
import { recordRight, revokeRight } from '../../../server-bundle/metadata/rights.ts';
import { requestGrant } from '../../../server-bundle/metadata/grants.ts';
import { declaredChecksums } from '../../../server-bundle/repositories/declared-checksums.ts';
import { deploy } from '../../../server-bundle/repositories/deploy.ts';
import { remove } from '../../../server-bundle/repositories/remove.ts';
import { transfer } from '../../../server-bundle/repositories/transfer.ts';
import type { Principal } from '../../../server-bundle/security/principal.ts';
import { contentCluster, type ContentCluster, type TestNode } from '../../harness/content-session.ts';
import { LinkProxy } from '../../harness/link-proxy.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { membersDatabase, type DatabaseMember, type MembersDatabase } from './members-database.ts';

/** Transactions that hold their locks for as long as a test wants. Whatever keeps the cluster together must not wait for any of them. */
const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
let postgres: TestPostgres;
let database: LinkProxy;
let content: ContentCluster;
let node: TestNode;
/** gives up on a lock after 3 s */
let members: MembersDatabase;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await LinkProxy.to(postgres.port);
  content = await contentCluster(postgres, database.port);
  node = await content.addNode();
  members = await membersDatabase(postgres, 3000, content.database);
});
afterAll(async () => {
  await members[Symbol.asyncDispose]();
  await content[Symbol.asyncDispose]();
  await database.close();
  await postgres.stop();
});

const put = (path: string, text: string): Promise<unknown> =>
  deploy(node.content, { principal, repositoryKey: 'generic-local', path, declared: declaredChecksums({}), replayKey: randomUUID() }, Readable.from([Buffer.from(text)]));

const report = (member: DatabaseMember, leaseId: string | null): HeartbeatReport => ({
  incarnation: member.id, nodeId: member.nodeId, state: 'serving', inFlight: 0, pool: { max: 1, inUse: 0, idle: 0, waiting: 0 }, rates: null, facts: null, leaseId,
});

test('joins, heartbeats, rights, grants, drains, ends and takeovers go on while every kind of write holds what it has locked', async () => {
  await Promise.all(['replaced', 'deleted', 'moved/one', 'folder/one'].map((path) => put(path, path)));
  const a = await members.member('a');
  const { leaseId } = await members.take(a, null);
  const release = Promise.withResolvers<undefined>();
  let atCommit = 0;
  database.watch(async (chunk): Promise<'pass'> => {
    if (chunk.includes('commit\0')) {
      atCommit += 1;
      await release.promise;
    }
    return 'pass';
  });
  const about = { principal, repositoryKey: 'generic-local', replayKey: randomUUID() };
  const location = (path: string): { repositoryKey: string; path: string } => ({ repositoryKey: 'generic-local', path });
  const writes = Promise.all([
    put('new', 'new'), put('replaced', 'other'), remove(node.content, { ...about, path: 'deleted' }), remove(node.content, { ...about, path: 'folder', replayKey: randomUUID() }),
    transfer(node.content, { principal, operation: 'move', from: location('moved'), to: location('there'), dryRun: false, replayKey: randomUUID() }),
  ]);
  try {
    await waitFor('all of them to be about to commit', () => atCommit === 5);
    const b = await members.member('b');
    expect((await beat(members.own.db, report(a, leaseId))).renewed).toBe(true);
    expect(await recordRight(members.own.db, a.id)).toBe(1);
    await revokeRight(members.own.db, { incarnation: a.id, nodeId: 'a' }, 1);
    expect((await requestGrant(members.own.db, { incarnation: a.id, nodeId: 'a', control: 2, configured: { min: 2, max: 4 } }, 0)).kind).toBe('granted');
    await setDesired(members.own.db, 'a', 'draining', 10);
    expect(await markGone(members.own.db, a, 'lost')).toBe(true);
    expect((await members.take(b, { epoch: 1, leaseId })).taken).toMatchObject({ epoch: 2 });
    expect(atCommit).toBe(5);
  } finally {
    release.resolve(undefined);
    await writes;
    database.watch(undefined);
  }
});

test("the master's lease is renewed while its own work is under way, which a takeover would have to wait for", async () => {
  await sql`truncate leadership, leadership_renewal, epoch_history`.execute(members.own.db);
  const [c, d] = [await members.member('c'), await members.member('d')];
  const { leaseId } = await members.take(c, null);
  const release = Promise.withResolvers<undefined>();
  const begun = Promise.withResolvers<undefined>();
  const work = fencedTransaction(c.database.db, { epoch: 1, leaseId, limitMs: 60_000 }, async () => {
    begun.resolve(undefined);
    await release.promise;
  });
  await begun.promise;
  expect((await beat(members.own.db, report(c, leaseId))).renewed).toBe(true);
  await markGone(members.own.db, c, 'lost');
  await expect(members.take(d, { epoch: 1, leaseId })).rejects.toMatchObject({ code: '55P03' });
  release.resolve(undefined);
  await work;
  expect((await members.take(d, { epoch: 1, leaseId })).taken).toMatchObject({ epoch: 2 });
});
