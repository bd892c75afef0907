import { createHash, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { contentCluster, type ContentCluster, type TestNode } from '../../test/harness/content-session.ts';
import { LinkProxy } from '../../test/harness/link-proxy.ts';
import { startPostgres, type TestPostgres } from '../../test/harness/postgres.ts';
import { waitFor } from '../../test/harness/wait-for.ts';
import { BulkheadError } from '../contract/index.ts';
import type { NewAuditEntry } from '../metadata/audit/audit-entries.ts';
import { withinRequest, type AuditedRequest } from '../metadata/audit/audited-request.ts';
import type { Committed } from '../metadata/commit-once.ts';
import { commitFile, type FileDeploy } from '../metadata/deploy-file.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import type { Principal } from '../security/principal.ts';
import { declaredChecksums } from './declared-checksums.ts';
import { deploy } from './deploy.ts';

/** Small files that come at the same time are committed together; each has to come out as if it had been alone. */
const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
let postgres: TestPostgres;
let database: LinkProxy;
let cluster: ContentCluster;
let node: TestNode;
let commits = 0;
let groups = 0;

beforeAll(async () => {
  postgres = await startPostgres();
  database = await LinkProxy.to(postgres.port);
  cluster = await contentCluster(postgres, database.port);
  node = await cluster.addNode();
});
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await database.close();
  await postgres.stop();
});
afterEach(() => {
  database.watch(undefined);
  database.mend();
});

function count(): void {
  commits = 0;
  groups = 0;
  database.watch((chunk) => {
    if (chunk.includes('commit\0')) commits += 1;
    if (chunk.includes('deploy_files')) groups += 1;
    return 'pass';
  });
}

interface Put { readonly path: string; readonly text?: string; readonly key?: string; readonly request?: AuditedRequest }
const put = ({ path, text = path, key, request }: Put): Promise<RecordedAnswer> => {
  const made = (): Promise<RecordedAnswer> =>
    deploy(node.content, { principal, repositoryKey: 'generic-local', path, declared: declaredChecksums({}), replayKey: key ?? null }, Readable.from([Buffer.from(text)]));
  return request === undefined ? made() : withinRequest(request, made);
};
const rows = async (sql: string): Promise<Record<string, unknown>[]> => postgres.query(sql, cluster.database);
const paths = async (folder: string): Promise<unknown[]> => (await rows(`select path from artifact where path like '${folder}/%' order by path`)).map(({ path }) => path);

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const entry = (path: string): NewAuditEntry => ({
  user: 'ada', via: 'password', address: '127.0.0.1', action: 'deploy', operation: 'PUT', repository: 'generic-local', path, status: 201, result: 'OK', requestId: path, nodeId: 'test',
});
const requestOf = (path: string, confirm: AuditedRequest['confirm'] = () => Promise.resolve()): AuditedRequest => ({ entry: () => entry(path), written: false, confirm });

it('shares commits, and keeps an answer, a record and an audit entry for each', async () => {
  count();
  const names = Array.from({ length: 40 }, (_, at) => `many/${String(at).padStart(2, '0')}`);
  const answers = await Promise.all(names.map((path) => put({ path, key: path, request: requestOf(path) })));
  expect(answers.map(({ status }) => status)).toEqual(names.map(() => 201));
  expect(answers.map(({ body }) => (JSON.parse(body ?? '') as { path: string }).path)).toEqual(names.map((path) => `/${path}`));
  expect(await paths('many')).toEqual(names);
  expect(commits).toBeLessThan(20);
  expect((await rows(`select path from audit_entry where path like 'many/%' order by path`)).map(({ path }) => path)).toEqual(names);
  // a replay of each gets its own answer
  expect(await Promise.all(names.map((path) => put({ path, key: path })))).toEqual(answers);
});

it('lets none fail for another one: a file in the way, the same path twice, the same content twice', async () => {
  await put({ path: 'mixed/file' });
  count();
  const results = await Promise.allSettled([
    put({ path: 'mixed/a' }), put({ path: 'mixed/b', text: 'same' }), put({ path: 'mixed/file/below' }), put({ path: 'mixed/c', text: 'same' }),
    put({ path: 'mixed/twice', text: 'one' }), put({ path: 'mixed/twice', text: 'two' }), put({ path: 'mixed/d' }),
  ]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(results[2]).toMatchObject({ reason: { code: 'PATH_CONFLICT' } });
  expect(await paths('mixed')).toEqual(['mixed/a', 'mixed/b', 'mixed/c', 'mixed/d', 'mixed/file', 'mixed/twice']);
  expect(groups).toBeGreaterThan(0);
  expect(await rows(`select count(*)::int as blobs from blob where size = 4`)).toEqual([{ blobs: 1 }]);
});

it('leaves out whoever has lost the right before the commit', async () => {
  const refuse = (): Promise<never> => Promise.reject(new BulkheadError('FORBIDDEN', 'not any more'));
  const results = await Promise.allSettled(['a', 'b', 'lost', 'c', 'd'].map((name) =>
    put({ path: `rights/${name}`, request: requestOf(`rights/${name}`, name === 'lost' ? refuse : undefined) })));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(results[2]).toMatchObject({ reason: { code: 'FORBIDDEN' } });
  expect(await paths('rights')).toEqual(['rights/a', 'rights/b', 'rights/c', 'rights/d']);
  expect(await rows(`select path from audit_entry where path = 'rights/lost'`)).toEqual([]);
});

it('does not have all wait for one whose folder is being changed', async () => {
  const held = Promise.withResolvers<undefined>();
  const locked = Promise.withResolvers<undefined>();
  const { id } = (await rows(`select id::int as id from repository where key = 'generic-local'`))[0] as { id: number };
  const holder = node.content.session.db.transaction().execute(async (trx) => {
    await lockPaths(trx, [{ repositoryId: id, path: 'busy/folder' }]);
    locked.resolve(undefined);
    await held.promise;
  });
  await locked.promise;
  const waiting = put({ path: 'busy/folder/late' });
  const others = await Promise.all(['a', 'b', 'c'].map((name) => put({ path: `busy/${name}` })));
  expect(others.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(await paths('busy')).toEqual(['busy/a', 'busy/b', 'busy/c']);
  held.resolve(undefined);
  await holder;
  expect(await waiting).toMatchObject({ status: 201 });
});

it('does not have all wait for one whose content is locked', async () => {
  await put({ path: 'blob/before', text: 'locked content' });
  const held = Promise.withResolvers<undefined>();
  const locked = Promise.withResolvers<undefined>();
  const holder = node.content.session.db.transaction().execute(async (trx) => {
    await sql`select id from blob where size = ${'locked content'.length} for update`.execute(trx);
    locked.resolve(undefined);
    await held.promise;
  });
  await locked.promise;
  count();
  const begun = performance.now();
  const waiting = ['late', 'later'].map((name) => put({ path: `blob/${name}`, text: 'locked content' }));
  const others = await Promise.all(['a', 'b', 'c'].map((name) => put({ path: `blob/${name}` })));
  expect(performance.now() - begun).toBeLessThan(5000);
  expect(others.map(({ status }) => status)).toEqual([201, 201, 201]);
  expect(groups).toBeGreaterThan(0);
  held.resolve(undefined);
  await holder;
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual([201, 201]);
});

it('lets none fail for an error of another one that is none of the database', async () => {
  const results = await Promise.allSettled(['a', 'b', 'broken', 'c', 'd'].map((name) =>
    put({ path: `errors/${name}`, request: requestOf(`errors/${name}`, name === 'broken' ? () => Promise.reject(new TypeError('broken')) : undefined) })));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled', 'fulfilled']);
  expect(results[2]).toMatchObject({ reason: { message: 'broken' } });
  expect(await paths('errors')).toEqual(['errors/a', 'errors/b', 'errors/c', 'errors/d']);
});

/** The last step of a deploy by itself: what comes before looks at the path and at the record, which somebody else may change in between. */
async function commitEach(folder: string, files: readonly { readonly name: string; readonly key?: string; readonly facts?: object }[]): Promise<PromiseSettledResult<Committed>[]> {
  const { db, incarnation } = node.content.session;
  const repository = (await rows(`select id::int as id, key, generation::int as generation from repository where key = 'generic-local'`))[0] as unknown as FileDeploy['repository'];
  return Promise.allSettled(files.map(({ name, key = null, facts = null }) => commitFile(db, incarnation, key, {
    repository, blob: { generation: randomUUID(), sha256: sha256(name), size: 77, sha1: sha256(name).slice(24), md5: sha256(name).slice(32) },
    answer: (createdAt) => ({ status: 201, headers: {}, body: `{"created": "${createdAt.toISOString()}"}` }),
    artifact: { path: `${folder}/${name}`, mimeType: 'text/plain', by: 'ada', original: { md5: null, sha1: null, sha256: null }, facts },
  }, ({ why }) => new Error(why))));
}

it('undoes a file that turns out to have been made or to be in the way, blob and all, and no other', async () => {
  const key = randomUUID();
  await put({ path: 'undo/first', key });
  await put({ path: 'undo/taken' });
  count();
  const results = await commitEach('undo', [{ name: 'a' }, { name: 'b' }, { name: 'again', key }, { name: 'taken' }, { name: 'c' }]);
  expect(groups).toBeGreaterThan(0);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(results[2]).toMatchObject({ value: { madeBy: 'another' } });
  expect(results[3]).toMatchObject({ reason: { message: 'path-taken' } });
  expect(await paths('undo')).toEqual(['undo/a', 'undo/b', 'undo/c', 'undo/first', 'undo/taken']);
  expect(await rows('select count(*)::int as blobs from blob where size = 77')).toEqual([{ blobs: 3 }]);
});

it('makes a file alone whose description is large', async () => {
  count();
  const results = await commitEach('large', ['d', 'e', 'f'].map((name) => ({ name, facts: { readme: 'x'.repeat(100_000) } })));
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled']);
  expect(await paths('large')).toEqual(['large/d', 'large/e', 'large/f']);
  expect(groups).toBe(0);
});

it('commits nothing together on a confirmation that has become old', async () => {
  let late = 0;
  const clock = performance.now.bind(performance);
  const spied = vi.spyOn(performance, 'now').mockImplementation(() => clock() + late);
  const asked = new Map<string, number>();
  const results = await Promise.all(['a', 'b', 'c', 'd'].map((name) => put({
    path: `slowly/${name}`, request: requestOf(`slowly/${name}`, () => {
      asked.set(name, (asked.get(name) ?? 0) + 1);
      if (asked.size === 3) late = 6000;
      return Promise.resolve();
    }),
  }))).finally(() => { spied.mockRestore(); });
  expect(results.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
  expect(await paths('slowly')).toEqual(['slowly/a', 'slowly/b', 'slowly/c', 'slowly/d']);
  // those that had been confirmed before it took too long
  expect([...asked.values()].filter((times) => times > 1).length).toBeGreaterThan(0);
});

it('finds out for each what became of a shared commit whose answer was lost', async () => {
  const keys = Array.from({ length: 6 }, () => randomUUID());
  database.watch((chunk) => {
    if (!chunk.includes('commit\0')) return 'pass';
    database.watch(undefined);
    database.breakClients();
    return 'pass';
  });
  const answers = await Promise.allSettled(keys.map((key) => put({ path: `lost/${key}`, key })));
  // those that were not yet in a transaction when all connections broke are told so, and are made when they are sent again
  const again = await Promise.all(keys.map((key) => put({ path: `lost/${key}`, key })));
  expect(again.map(({ status }) => status)).toEqual(keys.map(() => 201));
  for (const [at, answer] of answers.entries()) if (answer.status === 'fulfilled') expect(answer.value).toEqual(again[at]);
  expect(answers.some(({ status }) => status === 'fulfilled')).toBe(true);
  await waitFor('each path once', async () => (await paths('lost')).length === 6);
  expect(await rows(`select count(*)::int as records from request_result where id in (${keys.map((key) => `'${key}'`).join(',')})`)).toEqual([{ records: 6 }]);
});
