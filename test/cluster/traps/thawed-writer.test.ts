import { randomBytes, randomUUID } from 'node:crypto';
import { link, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { initialize, openFilestore, type Filestore, type Staged } from '../../../server-bundle/filestore/index.ts';
import { shardFolder } from '../../../server-bundle/filestore/layout.ts';
import { insertBlob } from '../../../server-bundle/metadata/blobs.ts';
import { markCleaned } from '../../../server-bundle/metadata/membership.ts';
import { collectGarbage } from '../../../server-bundle/tasks/collect-garbage.ts';
import { sweepIncarnation } from '../../../server-bundle/tasks/index.ts';
import type { TaskControl } from '../../../server-bundle/tasks/task.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { temporaryFolder, type TemporaryFolder } from '../../harness/temporary-folder.ts';
import { metadataDatabase, type Master, type MetadataDatabase } from '../tasks/metadata-database.ts';

/** A writer stands still in the middle of publishing, is declared gone, and wakes up while its leftovers are being swept. */
let postgres: TestPostgres;
let database: MetadataDatabase;
let folder: TemporaryFolder;
let frozen: Filestore;
let sweeper: Filestore;
let gone: Master;
let next: Master;
beforeAll(async () => { postgres = await startPostgres(); });
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await metadataDatabase(postgres);
  folder = await temporaryFolder('thawed');
  const clusterId = randomUUID();
  await initialize(folder.path, clusterId);
  [frozen, sweeper] = [openFilestore({ path: folder.path }), openFilestore({ path: folder.path })];
  for (const each of [frozen, sweeper]) await each.bind(clusterId);
  gone = await database.takeOver('n1');
  return async () => {
    await Promise.all([frozen.close(), sweeper.close()]);
    await folder.remove();
    await database[Symbol.asyncDispose]();
  };
});

const staging = (): Promise<string[]> => readdir(join(folder.path, 'staging'));
const published = (blob: Staged): Promise<string[]> => readdir(shardFolder(folder.path, blob.sha256));

type Point = 'leftovers' | 'dropIncarnation';

/** A sweep that is held at a point of it, once: after the leftovers are listed, or before the folder goes. */
function heldAt(point: Point, then: () => Promise<unknown>): Filestore {
  let due = true;
  const once = async (): Promise<void> => {
    if (!due) return;
    due = false;
    await then();
  };
  return Object.assign(Object.create(sweeper) as Filestore, {
    putAside: (id: string) => sweeper.putAside(id),
    collectionClaim: () => sweeper.collectionClaim(),
    claimCollection: (claim: Parameters<Filestore['claimCollection']>[0]) => sweeper.claimCollection(claim),
    remove: (sha256: string, generation: string) => sweeper.remove(sha256, generation),
    removeAll: (blobs: Parameters<Filestore['removeAll']>[0]) => sweeper.removeAll(blobs),
    leftovers: async (id: string) => {
      const found = await sweeper.leftovers(id);
      if (point === 'leftovers') await once();
      return found;
    },
    dropIncarnation: async (id: string) => {
      if (point === 'dropIncarnation') await once();
      await sweeper.dropIncarnation(id);
    },
  });
}

test.each(['leftovers', 'dropIncarnation'] as const)('what it publishes at last, at %s, is not published', async (point) => {
  const bodies = [await frozen.stage(gone.incarnation, randomBytes(200_000)), await frozen.stage(gone.incarnation, Buffer.from('small'))];
  const committed = await frozen.stage(gone.incarnation, Buffer.from('committed'));
  await committed.publish();
  await insertBlob(database.db, committed);
  next = await database.takeOver('n2');
  await sweepIncarnation(heldAt(point, async () => {
    for (const body of bodies) await expect(body.publish()).rejects.toMatchObject({ code: 'NOT_SERVING' });
  }), next, gone.incarnation);
  for (const body of bodies) expect(await published(body)).toEqual([]);
  expect(await sweeper.stat(committed)).toBe(committed.size);
  expect(await staging()).toEqual([]);
});

test('what it links by a name that its host still remembers is removed after all', async () => {
  const body = await frozen.stage(gone.incarnation, Buffer.from('remembered'));
  await body.publish();
  await sweeper.remove(body.sha256, body.generation);
  next = await database.takeOver('n2');
  await sweepIncarnation(heldAt('dropIncarnation', async () => {
    const [aside = ''] = await staging();
    const name = `${body.sha256}.${body.generation}`;
    await link(join(folder.path, 'staging', aside, name), join(shardFolder(folder.path, body.sha256), name));
  }), next, gone.incarnation);
  expect(await published(body)).toEqual([]);
});

test('what it begins anew meanwhile is swept with the rest', async () => {
  await (await frozen.stage(gone.incarnation, randomBytes(100_000))).publish();
  const later: Staged[] = [];
  next = await database.takeOver('n2');
  await sweepIncarnation(heldAt('dropIncarnation', async () => {
    // the first one finds its folder gone, and has it made anew
    await expect((await frozen.stage(gone.incarnation, Buffer.from('first'))).publish()).rejects.toMatchObject({ code: 'NOT_SERVING' });
    const body = await frozen.stage(gone.incarnation, Buffer.from('anew'));
    await body.publish();
    later.push(body);
  }), next, gone.incarnation);
  expect(later).toHaveLength(1);
  for (const body of later) expect(await published(body)).toEqual([]);
  expect(await staging()).toEqual([]);
});

test('what the process of the next master left itself, as an earlier incarnation that never learned the outcome of its commit, is no exception', async () => {
  const [unknown, committed] = [await frozen.stage(gone.incarnation, Buffer.from('unknown')), await frozen.stage(gone.incarnation, Buffer.from('committed'))];
  for (const body of [unknown, committed]) await body.publish();
  await insertBlob(database.db, committed);
  next = await database.takeOver('n1');
  expect(await sweepIncarnation(frozen, next, gone.incarnation)).toBe(1);
  expect([await published(unknown), await published(committed)]).toEqual([[], [expect.any(String)]]);
  expect(await staging()).toEqual([]);
});

test('what it publishes after the sweep, and cannot take back because it is killed, goes with the next collection', async () => {
  next = await database.takeOver('n2');
  await sweepIncarnation(sweeper, next, gone.incarnation);
  await markCleaned(database.db, gone.incarnation);
  const late = await frozen.stage(gone.incarnation, Buffer.from('late'));
  await late.publish();
  const alive = await frozen.stage(next.incarnation, Buffer.from('of a member'));
  await alive.publish();
  const settings = { intervalMinutes: 0, graceSeconds: 0, deleteAfterSeconds: 0, maxBlobsPerRun: 1000 };
  const control = { db: database.db, fenced: next.leadership.fenced, step: () => Promise.resolve() } as TaskControl;
  await collectGarbage(sweeper, settings).run({}, control);
  expect(await published(late)).toEqual([]);
  expect(await published(alive)).toHaveLength(1);
  expect(await staging()).toEqual([next.incarnation]);
});
