import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { nodeConfig } from '../../../server-bundle/config/schema.ts';
import { initialize, openFilestore, type BlobName, type Filestore } from '../../../server-bundle/filestore/index.ts';
import { insertBlob } from '../../../server-bundle/metadata/blobs.ts';
import { clusterIdentity, unlockCollection } from '../../../server-bundle/metadata/cluster-identity.ts';
import { fencedTransaction } from '../../../server-bundle/metadata/leadership.ts';
import { claimed, lineIn } from '../../../server-bundle/tasks/claim.ts';
import { collectGarbage } from '../../../server-bundle/tasks/collect-garbage.ts';
import { sweepIncarnation } from '../../../server-bundle/tasks/index.ts';
import type { TaskControl, Values } from '../../../server-bundle/tasks/task.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { temporaryFolder, type TemporaryFolder } from '../../harness/temporary-folder.ts';
import { membersDatabase, type DatabaseMember, type MembersDatabase } from './members-database.ts';

/** Two databases of one history, both with a master, both on the same files: each is fenced in its own only. */
let postgres: TestPostgres;
let folder: TemporaryFolder;
let filestore: Filestore;
const opened: MembersDatabase[] = [];
beforeAll(async () => { postgres = await startPostgres(); });
afterAll(() => postgres.stop());
beforeEach(async () => {
  folder = await temporaryFolder('two-databases');
  const clusterId = randomUUID();
  await initialize(folder.path, clusterId);
  filestore = openFilestore({ path: folder.path });
  await filestore.bind(clusterId);
  return async () => {
    await Promise.all(opened.splice(0).map((each) => each[Symbol.asyncDispose]()));
    await filestore.close();
    await folder.remove();
  };
});

const gc = nodeConfig.shape.tasks.parse({ gc: { graceSeconds: 0, deleteAfterSeconds: 0 } }).gc;
interface Seen { readonly epoch: number; readonly leaseId: string }

/** A master of one database, in the next epoch. */
class CollectingMaster {
  readonly #members: MembersDatabase;
  readonly #by: DatabaseMember;
  readonly seen: Seen;

  constructor(members: MembersDatabase, by: DatabaseMember, seen: Seen) {
    this.#members = members;
    this.#by = by;
    this.seen = seen;
  }

  static async in(members: MembersDatabase, former: Seen | null): Promise<CollectingMaster> {
    if (former !== null) await sql`update leadership_renewal set released = true`.execute(members.own.db);
    const by = await members.member(`n-${randomUUID().slice(0, 8)}`);
    const { taken, leaseId } = await members.take(by, former, true);
    if (taken === null) throw new Error('the lease was not free');
    return new CollectingMaster(members, by, { epoch: taken.epoch, leaseId });
  }

  get fenced(): TaskControl['fenced'] {
    return (effect) => fencedTransaction(this.#by.database.db, { ...this.seen, limitMs: 5000 }, effect);
  }

  collect(): Promise<Values> {
    return collectGarbage(filestore, gc).run({}, { db: this.#members.own.db, fenced: this.fenced, step: () => Promise.resolve() });
  }

  sweep(incarnation: string): Promise<number> {
    const fenced = this.fenced;
    return sweepIncarnation(filestore, { leadership: { fenced: (effect: Parameters<typeof fenced>[0]) => fenced(effect) } as never }, incarnation);
  }

  async locked(): Promise<string | null> {
    return (await clusterIdentity(this.#members.own.db))?.collectionLocked ?? null;
  }

  /** A person looks at the filestore and confirms, as the route does it. */
  async confirm(): Promise<void> {
    const found = await filestore.collectionClaim();
    await unlockCollection(this.#members.own.db, 'admin', found === null ? null : lineIn(found));
  }

  /** Content that nothing refers to, in this database's eyes. */
  async garbage(): Promise<BlobName> {
    const staged = await filestore.stage(this.#by.id, Buffer.from(randomUUID()));
    await staged.publish();
    const blob = await insertBlob(this.#members.own.db, staged);
    await staged.release();
    await sql`insert into collection_candidate (blob_id, since) values (${blob?.id}, clock_timestamp())`.execute(this.#members.own.db);
    return staged;
  }
}

async function open(name?: string): Promise<MembersDatabase> {
  const members = await membersDatabase(postgres, 3000, name);
  opened.push(members);
  return members;
}

/** A database with a master that has collected before, and its copy: what a restored dump, or a clone of the machine, is. */
async function databaseAndCopy(): Promise<{ original: CollectingMaster; copy: CollectingMaster }> {
  const members = await open();
  await sql`insert into cluster (id, name, system_identifier, timeline) values (${randomUUID()}, 'test', '1', 1)`.execute(members.own.db);
  const first = await CollectingMaster.in(members, null);
  await first.garbage();
  expect(await first.collect()).toMatchObject({ deleted: 1 });
  // a copy is made of a database that nobody is in
  await members[Symbol.asyncDispose]();
  opened.splice(0);
  const copied = `copy_${randomUUID().replaceAll('-', '')}`;
  await postgres.query(`create database "${copied}" template "${members.name}"`);
  return {
    original: await CollectingMaster.in(await open(members.name), first.seen),
    copy: await CollectingMaster.in(await open(copied), first.seen),
  };
}

const there = async (blob: BlobName): Promise<boolean> => (await filestore.stat(blob)) !== null;
const refused = { code: 'COLLECTION_LOCKED' };

test('the copy of a database deletes nothing from its filestore, and says so until a person has confirmed; from then on the original does not', async () => {
  const { original, copy } = await databaseAndCopy();
  const [of, ofCopy] = [await original.garbage(), await copy.garbage()];
  await expect(copy.collect()).rejects.toMatchObject(refused);
  expect([await there(of), await there(ofCopy)]).toEqual([true, true]);
  expect(await copy.locked()).toContain('another database');
  expect(await original.collect()).toMatchObject({ deleted: 1 });
  // locked it stays, whoever is master and whatever the filestore says meanwhile
  await expect(copy.collect()).rejects.toMatchObject(refused);

  await copy.confirm();
  expect(await copy.collect()).toMatchObject({ deleted: 1 });
  expect(await there(ofCopy)).toBe(false);
  const later = await original.garbage();
  await expect(original.collect()).rejects.toMatchObject(refused);
  expect(await original.locked()).toContain('another history');
  expect(await there(later)).toBe(true);
  // the confirmation counted once
  await original.confirm();
  expect(await original.collect()).toMatchObject({ deleted: 1 });
  await copy.garbage();
  await expect(copy.collect()).rejects.toMatchObject(refused);
});

test('the copy sweeps nothing either', async () => {
  const { copy } = await databaseAndCopy();
  const gone = randomUUID();
  const staged = await filestore.stage(gone, Buffer.from('published by somebody that the copy does not know'));
  await staged.publish();
  await filestore.putAside(gone);
  await expect(copy.sweep(gone)).rejects.toMatchObject(refused);
  expect(await there(staged)).toBe(true);
});

test('a database that was set back deletes nothing: the filestore remembers a later epoch', async () => {
  const members = await open();
  await sql`insert into cluster (id, name, system_identifier, timeline) values (${randomUUID()}, 'test', '1', 1)`.execute(members.own.db);
  const first = await CollectingMaster.in(members, null);
  await claimed(first.fenced, filestore, () => Promise.resolve());
  const second = await CollectingMaster.in(members, first.seen);
  await claimed(second.fenced, filestore, () => Promise.resolve());
  // its tables as a dump from before has them, put back into the same database; another master takes the epoch that was taken already
  await sql`update leadership set epoch = ${first.seen.epoch}, lease_id = ${first.seen.leaseId}`.execute(members.own.db);
  await sql`update leadership_renewal set lease_id = ${first.seen.leaseId}, released = true`.execute(members.own.db);
  const again = await CollectingMaster.in(members, first.seen);
  expect(again.seen.epoch).toBe(second.seen.epoch);
  const blob = await again.garbage();
  await expect(again.collect()).rejects.toMatchObject(refused);
  expect([await there(blob), await again.locked()]).toEqual([true, expect.stringContaining('another master of this epoch')]);
});

test('a master that lost its lease meanwhile locks nothing', async () => {
  const members = await open();
  await sql`insert into cluster (id, name, system_identifier, timeline) values (${randomUUID()}, 'test', '1', 1)`.execute(members.own.db);
  const former = await CollectingMaster.in(members, null);
  const next = await CollectingMaster.in(members, former.seen);
  await claimed(next.fenced, filestore, () => Promise.resolve());
  await expect(claimed(former.fenced, filestore, () => Promise.resolve())).rejects.toMatchObject({ code: 'NOT_MASTER' });
  expect(await next.locked()).toBeNull();
});
