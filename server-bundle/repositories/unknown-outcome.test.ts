import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { contentCluster, type ContentCluster, type TestNode } from '../../test/harness/content-session.ts';
import { LinkProxy } from '../../test/harness/link-proxy.ts';
import { startPostgres, type TestPostgres } from '../../test/harness/postgres.ts';
import { waitFor } from '../../test/harness/wait-for.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import type { Principal } from '../security/principal.ts';
import { declaredChecksums } from './declared-checksums.ts';
import { deploy } from './deploy.ts';
import { readBlob } from './read-blob.ts';
import { resolve } from './resolve.ts';

/** The connection breaks while COMMIT is under way: what the writer then does with its file, and says to its client. */
const principal: Principal = { name: 'ada', role: 'admin', via: 'password' };
let postgres: TestPostgres;
let database: LinkProxy;
let cluster: ContentCluster;
/** reaches the database through `database`, and straight */
let writer: TestNode;

// one for all: each test has a path and contents of its own
let path = '';
let tests = 0;
beforeAll(async () => {
  postgres = await startPostgres();
  database = await LinkProxy.to(postgres.port);
  cluster = await contentCluster(postgres, database.port);
  writer = await cluster.addNode();
});
beforeEach(() => { path = `v${String(tests += 1)}`; });
afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  await database.close();
  await postgres.stop();
});
afterEach(() => {
  database.watch(undefined);
  database.mend();
  vi.restoreAllMocks();
});

const putStream = (body: Readable, replayKey: string | null): Promise<RecordedAnswer> =>
  deploy(writer.content, { principal, repositoryKey: 'generic-local', path, declared: declaredChecksums({}), replayKey }, body);
const put = (text: string, replayKey: string | null): Promise<RecordedAnswer> => putStream(Readable.from([Buffer.from(`${path} ${text}`)]), replayKey);

async function stored(): Promise<string | null> {
  const found = await resolve(writer.content, principal, 'generic-local', path);
  if (found.kind !== 'file') return null;
  const source = await readBlob(writer.content, found.repository, found.file);
  return (source.bytes ?? Buffer.concat(await (await source.open()).toArray() as Buffer[])).toString().replace(`${path} `, '');
}

const isCommit = (chunk: Buffer): boolean => chunk.includes('commit\0');
const blobFiles = async (): Promise<string[]> => (await readdir(join(cluster.path, 'blobs'), { recursive: true })).filter((name) => name.includes('.'));
/** The writer's connection breaks when it sends its COMMIT; that goes on to the server once `when` has resolved. */
function breakAtCommit(when: Promise<unknown> = Promise.resolve()): void {
  database.watch(async (chunk): Promise<'pass'> => {
    if (!isCommit(chunk)) return 'pass';
    database.watch(undefined);
    database.breakClients();
    await when;
    return 'pass';
  });
}

it.each([['with a replay key', randomUUID()], ['without one', null]])('a commit whose answer was lost is found out, and answered as it was made: %s', async (_what, key) => {
  const before = await blobFiles();
  breakAtCommit();
  expect(await put('one', key)).toMatchObject({ status: 201 });
  expect(await stored()).toBe('one');
  expect(await blobFiles()).toHaveLength(before.length + 1);
});

it('a commit that is still on its way is waited for', async () => {
  const late = Promise.withResolvers<undefined>();
  breakAtCommit(late.promise);
  const answer = put('one', path);
  await waitFor('the writer to wait for the transaction that it has lost', async () =>
    (await postgres.query(`select 1 from pg_stat_activity where datname = '${cluster.database}' and wait_event_type = 'Lock'`)).length > 0);
  late.resolve(undefined);
  expect(await answer).toMatchObject({ status: 201 });
  expect(await stored()).toBe('one');
});

it('a commit that never arrived is a failure, with nothing left behind', async () => {
  const before = await blobFiles();
  database.watch((chunk) => {
    if (!isCommit(chunk)) return 'pass';
    database.watch(undefined);
    return 'break';
  });
  await expect(put('one', path)).rejects.toMatchObject({ code: 'DATABASE_UNAVAILABLE' });
  expect(await stored()).toBeNull();
  expect(await blobFiles()).toEqual(before);
  // it is free for another try
  expect(await put('one', path)).toMatchObject({ status: 201 });
});

it('a body that was long in coming is kept until the database is back, and committed then', async () => {
  const before = await blobFiles();
  // it arrives for as long as the database stays away
  const arriving = async function* (): AsyncGenerator<Buffer> {
    yield Buffer.from(`${path} `);
    await pause(6000);
    yield Buffer.from('one');
    database.cut();
    setTimeout(() => { database.mend(); }, 1200);
  };
  expect(await putStream(Readable.from(arriving()), path)).toMatchObject({ status: 201 });
  expect(await stored()).toBe('one');
  expect(await blobFiles()).toHaveLength(before.length + 1);
  // one that comes at once is soon sent again
  database.cut();
  await expect(put('two', null)).rejects.toThrow();
  database.mend();
  expect(await stored()).toBe('one');
});

it('while the outcome cannot be found out, the file stays: the commit may still come', async () => {
  const before = await blobFiles();
  const late = Promise.withResolvers<undefined>();
  breakAtCommit(late.promise);
  const outcome = expect(put('one', path)).rejects.toMatchObject({ code: 'OUTCOME_UNKNOWN' });
  await waitFor('the writer to look for it', async () =>
    (await postgres.query(`select 1 from pg_stat_activity where datname = '${cluster.database}' and wait_event_type = 'Lock'`)).length > 0);
  // the database is out of reach for longer than the writer looks
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + 60_000);
  database.breakClients();
  await outcome;
  vi.restoreAllMocks();
  expect(await blobFiles()).toHaveLength(before.length + 1);
  late.resolve(undefined);
  await waitFor('the late commit', async () => await stored() === 'one');
  expect(await put('two', path)).toMatchObject({ status: 201 });
  expect(await stored()).toBe('one');
});
