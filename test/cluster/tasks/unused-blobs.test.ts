import { afterAll, beforeAll, expect, it } from 'vitest';
import { insertArtifact } from '../../../server-bundle/metadata/artifacts.ts';
import { momentAgo } from '../../../server-bundle/metadata/collection.ts';
import { holdPaths, noteBlobUse } from '../../../server-bundle/metadata/oci-content.ts';
import { deleteUnusedBlobs } from '../../../server-bundle/metadata/oci-expiry.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { metadataDatabase, repositoryId, type MetadataDatabase } from './metadata-database.ts';

/** Giving up a blob against everything that may begin to need it at the same moment, statement by statement. */
let postgres: TestPostgres;
beforeAll(async () => { postgres = await startPostgres(); });
afterAll(() => postgres.stop());

const folder = 'app/_manifests/';
const digest = `sha256:${'1'.repeat(64)}`;
const path = `app/_blobs/${digest}`;
const digestOf = (of: string): string => of.slice(of.lastIndexOf('/') + 1);
const original = { md5: null, sha1: null, sha256: null };

async function withBlob(): Promise<MetadataDatabase> {
  const database = await metadataDatabase(postgres);
  const blobId = await database.addBlob('layer');
  await insertArtifact(database.db, { repositoryId, path, blobId, mimeType: 'application/octet-stream', by: 'test', original, facts: null });
  return database;
}

async function present({ db }: MetadataDatabase): Promise<boolean> {
  return await db.selectFrom('artifact').select('path').where('path', '=', path).executeTakeFirst() !== undefined;
}

it('a blob that nobody needs goes, and becomes a candidate of the collector', async () => {
  await using database = await withBlob();
  const since = await momentAgo(database.db, 0);
  expect(await database.db.transaction().execute((trx) => deleteUnusedBlobs(trx, repositoryId, [path], since, folder, digestOf))).toEqual([path]);
  expect(await present(database)).toBe(false);
  expect(await database.candidates()).toHaveLength(1);
});

it('one that a manifest begins to name while the deletion waits for it stays', async () => {
  await using database = await withBlob();
  const { db } = database;
  const since = await momentAgo(db, 0);
  const manifestBlob = await database.addBlob('manifest');
  const locked = Promise.withResolvers<undefined>();
  const goOn = Promise.withResolvers<undefined>();
  const push = db.transaction().execute(async (trx) => {
    expect([...await holdPaths(trx, repositoryId, [path])]).toEqual([path]);
    locked.resolve(undefined);
    await goOn.promise;
    await insertArtifact(trx, {
      repositoryId, path: `${folder}sha256:${'2'.repeat(64)}`, blobId: manifestBlob, mimeType: 'x/y', by: 'test', original, facts: { oci: { blobs: [digest], manifests: [] } },
    });
  });
  await locked.promise;
  const deletion = db.transaction().execute((trx) => deleteUnusedBlobs(trx, repositoryId, [path], since, folder, digestOf));
  await database.untilSomebodyWaits();
  goOn.resolve(undefined);
  await push;
  expect(await deletion).toEqual([]);
  expect(await present(database)).toBe(true);
});

it('a push that comes while the deletion is under way is told that the blob is gone', async () => {
  await using database = await withBlob();
  const { db } = database;
  const since = await momentAgo(db, 0);
  const deleted = Promise.withResolvers<undefined>();
  const goOn = Promise.withResolvers<undefined>();
  const deletion = db.transaction().execute(async (trx) => {
    const gone = await deleteUnusedBlobs(trx, repositoryId, [path], since, folder, digestOf);
    deleted.resolve(undefined);
    await goOn.promise;
    return gone;
  });
  await deleted.promise;
  const held = db.transaction().execute((trx) => holdPaths(trx, repositoryId, [path]));
  await database.untilSomebodyWaits();
  goOn.resolve(undefined);
  expect(await deletion).toEqual([path]);
  expect((await held).size).toBe(0);
  expect(await noteBlobUse(db, repositoryId, path)).toBe(false);
});

it('one whose use was noted since the moment that counts stays', async () => {
  await using database = await withBlob();
  const { db } = database;
  const since = await momentAgo(db, 0);
  expect(await noteBlobUse(db, repositoryId, path)).toBe(true);
  expect(await db.transaction().execute((trx) => deleteUnusedBlobs(trx, repositoryId, [path], since, folder, digestOf))).toEqual([]);
  expect(await present(database)).toBe(true);
});
