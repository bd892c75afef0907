import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { deleteArtifact, insertArtifact } from '../../../server-bundle/metadata/artifacts.ts';
import { addCollectionCandidates, findLiveBlob, insertBlob, lockLiveBlobs } from '../../../server-bundle/metadata/blobs.ts';
import { beginningOfTime, candidatesBefore, judgeCandidates, lockDoomed, momentAgo, tombstonedBefore } from '../../../server-bundle/metadata/collection.ts';
import type { Reader } from '../../../server-bundle/cluster/ports.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { begin, metadataDatabase, repositoryId, type MetadataDatabase } from './metadata-database.ts';

let postgres: TestPostgres;
let database: MetadataDatabase;

beforeAll(async () => { postgres = await startPostgres(); });
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await metadataDatabase(postgres);
  return () => database[Symbol.asyncDispose]();
});

const artifact = (path: string, blobId: number) => ({
  repositoryId, path, blobId, mimeType: 'text/plain', by: 'test', original: { md5: null, sha1: null, sha256: null }, facts: null,
});

describe('a blob that is being referenced while the collector looks at it', () => {
  /** A deploy that has locked the blob and inserted its artifact, and commits while the collector waits. */
  async function race(collect: (trx: Reader, blobId: number) => Promise<unknown>): Promise<{ blobId: number; tombstoned: number[] }> {
    const blobId = await database.addBlob('shared');
    await database.addCandidate(blobId);
    const deploy = await begin(database.db);
    expect(await lockLiveBlobs(deploy.trx, [blobId])).toEqual(new Set([blobId]));
    await insertArtifact(deploy.trx, artifact('a', blobId));
    const collector = await begin(database.db);
    const collected = collect(collector.trx, blobId);
    await database.untilSomebodyWaits();
    await deploy.commit();
    await collected;
    await collector.commit();
    return { blobId, tombstoned: await database.tombstoned() };
  }

  it('keeps no tombstone: the lock first, the look in a later statement', async () => {
    const until = await momentAgo(database.db, 0);
    const { tombstoned } = await race((trx, blobId) => judgeCandidates(trx, [blobId], until));
    expect(tombstoned).toEqual([]);
    expect(await database.candidates()).toEqual([]);
  });

  it.each([
    ['one statement', (id: number) => sql`
      update blob set tombstoned_at = clock_timestamp() where id = ${id} and not exists (select from artifact where blob_id = blob.id)`],
    ['a lock inside the same statement', (id: number) => sql`
      with locked as materialized (select id from blob where id = ${id} for update)
      update blob set tombstoned_at = clock_timestamp() where id in (select id from locked) and not exists (select from artifact where blob_id = blob.id)`],
  ])('would lose it with %s, whose snapshot is older than the lock', async (_what, statement) => {
    const { blobId, tombstoned } = await race((trx, id) => statement(id).execute(trx));
    expect(tombstoned).toEqual([blobId]);
  });

  it('sees the tombstone when the collector was first, and stores the content anew', async () => {
    const blobId = await database.addBlob('shared', 'old-1');
    await database.addCandidate(blobId);
    const collector = await begin(database.db);
    await judgeCandidates(collector.trx, [blobId], await momentAgo(database.db, 0));
    const deploy = await begin(database.db);
    const locking = lockLiveBlobs(deploy.trx, [blobId]);
    await database.untilSomebodyWaits();
    await collector.commit();
    expect(await locking).toEqual(new Set());
    const row = await database.db.selectFrom('blob').selectAll().executeTakeFirstOrThrow();
    expect(await findLiveBlob(deploy.trx, 'sha256', row.sha256)).toBeUndefined();
    const anew = await insertBlob(deploy.trx, { sha256: row.sha256, sha1: row.sha1, md5: row.md5, size: row.size, generation: 'new-1' });
    await insertArtifact(deploy.trx, artifact('a', anew?.id ?? 0));
    await deploy.commit();
    // the old generation goes, the new one is not even looked at
    const until = await momentAgo(database.db, 0);
    const doomed = await database.db.transaction().execute((trx) => lockDoomed(trx, [blobId, anew?.id ?? 0], until));
    expect(doomed.map((blob) => blob.generation)).toEqual(['old-1']);
  });
});

describe('a candidate that is in use is removed', () => {
  async function used(): Promise<number> {
    const blobId = await database.addBlob('used');
    await insertArtifact(database.db, artifact('a', blobId));
    await database.addCandidate(blobId);
    return blobId;
  }

  it('not while a delete renews it: the blob stays a candidate', async () => {
    const blobId = await used();
    const until = await momentAgo(database.db, 0);
    const deletion = await begin(database.db);
    await deleteArtifact(deletion.trx, repositoryId, 'a');
    await addCollectionCandidates(deletion.trx, [blobId]);
    const collector = await begin(database.db);
    const verdict = judgeCandidates(collector.trx, [blobId], until);
    await database.untilSomebodyWaits();
    await deletion.commit();
    expect(await verdict).toEqual({ referenced: 0, tombstoned: [] });
    await collector.commit();
    expect(await database.candidates()).toEqual([blobId]);
  });

  it('and a delete that comes second adds it again', async () => {
    const blobId = await used();
    const until = await momentAgo(database.db, 0);
    const deletion = await begin(database.db);
    await deleteArtifact(deletion.trx, repositoryId, 'a');
    const collector = await begin(database.db);
    expect(await judgeCandidates(collector.trx, [blobId], until)).toEqual({ referenced: 1, tombstoned: [] });
    const adding = addCollectionCandidates(deletion.trx, [blobId]);
    await database.untilSomebodyWaits();
    await collector.commit();
    await adding;
    await deletion.commit();
    expect(await database.candidates()).toEqual([blobId]);
  });

  it('would be forgotten for ever if it were removed by what was seen before it was locked', async () => {
    const blobId = await used();
    const deletion = await begin(database.db);
    await deleteArtifact(deletion.trx, repositoryId, 'a');
    await addCollectionCandidates(deletion.trx, [blobId]);
    const collector = await begin(database.db);
    const removal = (async () => {
      await sql`select id from blob where id = ${blobId} for update`.execute(collector.trx);
      const seen = await sql`select from artifact where blob_id = ${blobId}`.execute(collector.trx);
      if (seen.rows.length > 0) await sql`delete from collection_candidate where blob_id = ${blobId}`.execute(collector.trx);
    })();
    await database.untilSomebodyWaits();
    await deletion.commit();
    await removal;
    await collector.commit();
    expect(await database.candidates()).toEqual([]);
  });

  it('waits for the grace of a blob that was used and dropped again meanwhile', async () => {
    const blobId = await used();
    const until = await momentAgo(database.db, 0);
    await deleteArtifact(database.db, repositoryId, 'a');
    await addCollectionCandidates(database.db, [blobId]);
    expect(await database.db.transaction().execute((trx) => judgeCandidates(trx, [blobId], until))).toEqual({ referenced: 0, tombstoned: [] });
    expect(await database.candidates()).toEqual([blobId]);
  });
});

describe('bytes are deleted', () => {
  async function tombstone(content: string): Promise<number> {
    const blobId = await database.addBlob(content);
    await sql`update blob set tombstoned_at = clock_timestamp() - interval '1 hour' where id = ${blobId}`.execute(database.db);
    return blobId;
  }

  it('by what holds under the lock, not by what was listed before: a revived blob keeps them', async () => {
    const blobId = await tombstone('revived');
    const until = await momentAgo(database.db, 60);
    const listed = await tombstonedBefore(database.db, until, beginningOfTime, 10);
    expect(listed.map((blob) => blob.id)).toEqual([blobId]);
    const revival = await begin(database.db);
    await sql`update blob set tombstoned_at = null where id = ${blobId}`.execute(revival.trx);
    const doomed = database.db.transaction().execute((trx) => lockDoomed(trx, [blobId], until));
    await database.untilSomebodyWaits();
    await revival.commit();
    // the list of before would have deleted the bytes of a live blob
    expect(await doomed).toEqual([]);
  });

  it('page by page, none left out and none twice where tombstones are of the same moment', async () => {
    const ids: number[] = [];
    for (let count = 0; count < 7; count += 1) ids.push(await tombstone(`page ${String(count)}`));
    await sql`update blob set tombstoned_at = date_trunc('second', clock_timestamp()) - make_interval(hours => (id / 3)::int)`.execute(database.db);
    const until = await momentAgo(database.db, 0);
    const pages: number[][] = [];
    for (let after = beginningOfTime;;) {
      const page = await tombstonedBefore(database.db, until, after, 2);
      if (page.length === 0) break;
      pages.push(page.map((blob) => blob.id));
      after = page.at(-1)!.at;
    }
    expect(pages.flat().sort((a, b) => a - b)).toEqual(ids);
    // those of one moment are never divided
    expect(Math.max(...pages.map((page) => page.length))).toBe(3);
  });

  it('never of a blob that something refers to, whatever went wrong before', async () => {
    const blobId = await tombstone('broken rule');
    await insertArtifact(database.db, artifact('a', blobId));
    const until = await momentAgo(database.db, 60);
    await expect(database.db.transaction().execute((trx) => lockDoomed(trx, [blobId], until))).rejects.toMatchObject({ code: 'INTERNAL' });
  });
});

it('refuses a transaction with an older snapshot', async () => {
  const blobId = await database.addBlob('x');
  await database.addCandidate(blobId);
  const until = await momentAgo(database.db, 0);
  await expect(database.db.transaction().setIsolationLevel('repeatable read').execute((trx) => judgeCandidates(trx, [blobId], until)))
    .rejects.toMatchObject({ code: 'INTERNAL' });
});

describe('with many blobs of which PostgreSQL does not know yet', () => {
  const count = 20_000;

  /** Blobs and candidates that the statistics hold for live and young; they are neither. */
  async function unknownToPlanner(): Promise<number[]> {
    const { db } = database;
    for (const table of ['blob', 'collection_candidate']) await sql.raw(`alter table ${table} set (autovacuum_enabled = false)`).execute(db);
    await sql`insert into blob (sha256, generation, size, sha1, md5) select md5(n::text) || md5(n::text), 'g', 1, md5(n::text), md5(n::text) from generate_series(1, ${count}::int) as n`.execute(db);
    await sql`insert into collection_candidate (blob_id) select id from blob`.execute(db);
    for (const table of ['blob', 'collection_candidate']) await sql.raw(`vacuum analyze ${table}`).execute(db);
    await sql`update collection_candidate set since = since - interval '2 hours'`.execute(db);
    return (await db.selectFrom('blob').select('id').orderBy('id').limit(20).execute()).map(({ id }) => id);
  }

  /** Rows that PostgreSQL fetches for it. */
  async function fetched(table: string, work: (trx: Reader) => Promise<unknown>): Promise<number> {
    return database.db.transaction().execute(async (trx) => {
      const rows = async (): Promise<number> => Number((await sql<{ rows: string }>`
        select seq_tup_read + coalesce(idx_tup_fetch, 0) as rows from pg_stat_xact_user_tables where relname = ${table}`.execute(trx)).rows[0]?.rows ?? 0);
      const before = await rows();
      await work(trx);
      return await rows() - before;
    });
  }

  it('a page and a batch read what they ask for, not all that there is', async () => {
    const ids = await unknownToPlanner();
    const until = await momentAgo(database.db, 3600);
    expect(await fetched('collection_candidate', (trx) => candidatesBefore(trx, until, beginningOfTime, 20))).toBeLessThan(200);
    expect(await fetched('collection_candidate', (trx) => judgeCandidates(trx, ids, until))).toBeLessThan(200);

    await sql`update blob set tombstoned_at = clock_timestamp() - interval '2 hours'`.execute(database.db);
    expect(await fetched('blob', (trx) => tombstonedBefore(trx, until, beginningOfTime, 20))).toBeLessThan(200);
    expect(await fetched('blob', (trx) => lockDoomed(trx, ids, until))).toBeLessThan(200);
  });
});
