import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { nodeConfig } from '../../../server-bundle/config/schema.ts';
import { initialize, openFilestore, type BlobName, type Filestore } from '../../../server-bundle/filestore/index.ts';
import { insertArtifact } from '../../../server-bundle/metadata/artifacts.ts';
import { insertBlob } from '../../../server-bundle/metadata/blobs.ts';
import { requestTaskRun, findTaskRun, listTaskRuns, cancelTaskRun } from '../../../server-bundle/metadata/task-runs.ts';
import { collectGarbage } from '../../../server-bundle/tasks/collect-garbage.ts';
import { keepHouse } from '../../../server-bundle/tasks/keep-house.ts';
import { TaskRunner } from '../../../server-bundle/tasks/runner.ts';
import { sweepIncarnation } from '../../../server-bundle/tasks/index.ts';
import type { Task, Values } from '../../../server-bundle/tasks/task.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { temporaryFolder, type TemporaryFolder } from '../../harness/temporary-folder.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { metadataDatabase, repositoryId, type Master, type MetadataDatabase } from './metadata-database.ts';

let postgres: TestPostgres;
let database: MetadataDatabase;
let folder: TemporaryFolder;
let filestore: Filestore;
let master: Master;
let clusterId: string;

beforeAll(async () => { postgres = await startPostgres(); });
afterAll(() => postgres.stop());
beforeEach(async () => {
  database = await metadataDatabase(postgres);
  folder = await temporaryFolder('collection');
  clusterId = randomUUID();
  await initialize(folder.path, clusterId);
  filestore = openFilestore({ path: folder.path });
  await filestore.bind(clusterId);
  master = await database.takeOver('n1');
  return async () => {
    await filestore.close();
    await folder.remove();
    await database[Symbol.asyncDispose]();
  };
});

const settings = (changes: Partial<ReturnType<typeof defaults>> = {}): ReturnType<typeof defaults> => ({ ...defaults(), ...changes });
const defaults = () => nodeConfig.shape.tasks.parse({ gc: { graceSeconds: 0, deleteAfterSeconds: 0, intervalMinutes: 0 } }).gc;

/** Content as a deploy leaves it: file, blob row, and an artifact or a candidate. */
async function store(content: string, state: 'used' | 'candidate' | 'used candidate'): Promise<{ id: number; sha256: string; generation: string }> {
  const staged = await filestore.stage(master.incarnation, Buffer.from(content));
  await staged.publish();
  const blob = await insertBlob(database.db, staged);
  if (blob === undefined) throw new Error('the content was there before');
  await staged.release();
  if (state !== 'candidate') {
    await insertArtifact(database.db, {
      repositoryId, path: `f/${content}`, blobId: blob.id, mimeType: 'text/plain', by: 'test', original: { md5: null, sha1: null, sha256: null }, facts: null,
    });
  }
  if (state !== 'used') await database.addCandidate(blob.id);
  return blob;
}

/** For filestores that are broken in one place only. */
const claims = (): Pick<Filestore, 'collectionClaim' | 'claimCollection' | 'incarnations' | 'remove' | 'putAside' | 'leftovers' | 'dropIncarnation'> => ({
  collectionClaim: () => filestore.collectionClaim(), claimCollection: (claim) => filestore.claimCollection(claim),
  incarnations: () => filestore.incarnations(), remove: (sha256, generation) => filestore.remove(sha256, generation), putAside: (id) => filestore.putAside(id), leftovers: (id) => filestore.leftovers(id), dropIncarnation: (id) => filestore.dropIncarnation(id),
});

const there = async (blob: { sha256: string; generation: string }): Promise<boolean> => (await filestore.stat(blob)) !== null;

/** Runs tasks as the master until a run has ended; resolves to that run. */
async function perform(task: Task, args: Values = {}, as: Master = master) {
  const run = await requestTaskRun(database.db, { id: randomUUID(), kind: task.kind, requestedBy: 'admin', arguments: args });
  if (run === undefined) throw new Error('a run is under way');
  const stop = new AbortController();
  const running = new TaskRunner(as, [task], pino({ level: 'silent' }), stop.signal).run();
  try {
    return await waitFor('the end of the run', async () => {
      const found = await findTaskRun(database.db, run.id);
      return found === undefined || found.finishedAt === null ? undefined : found;
    });
  } finally {
    stop.abort();
    await running;
  }
}

describe('garbage collection', () => {
  it('removes what nothing refers to, keeps the rest, and says what it did', async () => {
    const used = await store('used', 'used');
    const again = await store('used again', 'used candidate');
    const garbage = await Promise.all([store('one', 'candidate'), store('three', 'candidate')]);
    const rehearsal = await perform(collectGarbage(filestore, settings()), { dryRun: true });
    expect(rehearsal.report).toMatchObject({ dryRun: true, examined: 3, referenced: 1, tombstoned: 2, tombstonedBytes: 8, deleted: 0 });
    expect(await database.candidates()).toHaveLength(3);
    expect(await database.tombstoned()).toEqual([]);

    const run = await perform(collectGarbage(filestore, settings()));
    expect(run).toMatchObject({ state: 'succeeded', epoch: 1 });
    expect(run.report).toEqual({
      dryRun: false, examined: 3, referenced: 1, tombstoned: 2, tombstonedBytes: 8, deleted: 2, deletedBytes: 8, capped: false,
    });
    expect(await Promise.all(garbage.map(there))).toEqual([false, false]);
    expect(await Promise.all([used, again].map(there))).toEqual([true, true]);
    expect(await database.candidates()).toEqual([]);
    expect((await database.db.selectFrom('blob').select('id').execute()).map((row) => row.id).sort()).toEqual([used.id, again.id].sort());
  });

  it('respects grace before the tombstone and the delay after it', async () => {
    const blob = await store('young', 'candidate');
    expect((await perform(collectGarbage(filestore, settings({ graceSeconds: 3600 })))).report).toMatchObject({ examined: 0, tombstoned: 0 });
    expect((await perform(collectGarbage(filestore, settings({ deleteAfterSeconds: 3600 })))).report).toMatchObject({ tombstoned: 1, deleted: 0 });
    expect(await there(blob)).toBe(true);
    expect((await perform(collectGarbage(filestore, settings()))).report).toMatchObject({ tombstoned: 0, deleted: 1 });
    expect(await there(blob)).toBe(false);
  });

  it('ends at its cap, and the next run goes on', async () => {
    for (let n = 0; n < 5; n += 1) await store(`blob ${String(n)}`, 'candidate');
    const capped = collectGarbage(filestore, settings({ maxBlobsPerRun: 3 }));
    expect((await perform(capped)).report).toMatchObject({ tombstoned: 3, deleted: 3, capped: true });
    expect((await perform(capped)).report).toMatchObject({ tombstoned: 2, deleted: 2, capped: false });
  });

  it('is refused while collection is locked', async () => {
    const blob = await store('x', 'candidate');
    await sql`update cluster set collection_locked = 'the timeline changed'`.execute(database.db);
    const run = await perform(collectGarbage(filestore, settings()));
    expect(run).toMatchObject({ state: 'failed', report: { error: { code: 'COLLECTION_LOCKED' } } });
    expect(await there(blob)).toBe(true);
  });

  it('stops at the first error, with the row kept for the next run', async () => {
    const blobs = await Promise.all(['a', 'b', 'c'].map((name) => store(name, 'candidate')));
    let calls = 0;
    const broken = {
      ...claims(),
      verify: () => filestore.verify(),
      removeAll: async ([first]: readonly BlobName[]) => {
        calls += 1;
        if (first !== undefined) await filestore.removeAll([first]);
        throw new Error('input/output error');
      },
    };
    const run = await perform(collectGarbage(broken, settings()));
    expect(run).toMatchObject({ state: 'failed', report: { tombstoned: 3, deleted: 0, error: { code: 'INTERNAL' } } });
    expect(calls).toBe(1);
    expect(await Promise.all(blobs.map(there))).toContain(false);
    expect(await database.tombstoned()).toHaveLength(3);
    expect((await perform(collectGarbage(filestore, settings()))).report).toMatchObject({ deleted: 3 });
    expect(await Promise.all(blobs.map(there))).toEqual([false, false, false]);
  });

  it('goes on in another transaction with what a slow share has not deleted in time', async () => {
    const blobs = await Promise.all(['a', 'b', 'c'].map((name) => store(name, 'candidate')));
    let calls = 0;
    const slow = { ...claims(), verify: () => filestore.verify(), removeAll: (asked: readonly BlobName[]) => { calls += 1; return filestore.removeAll(asked.slice(0, 1)); } };
    expect((await perform(collectGarbage(slow, settings()))).report).toMatchObject({ tombstoned: 3, deleted: 3, deletedBytes: 3, capped: false });
    expect(calls).toBe(3);
    expect(await Promise.all(blobs.map(there))).toEqual([false, false, false]);
    expect(await database.tombstoned()).toEqual([]);
  });

  it('leaves a share that deletes nothing in peace before it asks again', async () => {
    const blob = await store('a', 'candidate');
    const asked: number[] = [];
    const idle = { ...claims(), verify: () => filestore.verify(), removeAll: (blobs: readonly BlobName[]) => {
      asked.push(performance.now());
      return asked.length < 3 ? Promise.resolve({ gone: [], absent: 0 }) : filestore.removeAll(blobs);
    } };
    expect((await perform(collectGarbage(idle, settings()))).report).toMatchObject({ tombstoned: 1, deleted: 1 });
    expect(await there(blob)).toBe(false);
    expect(Math.min(...asked.slice(1).map((at, index) => at - (asked[index] ?? at)))).toBeGreaterThan(200);
  });

  it('does nothing on a filestore that is not the cluster\'s', async () => {
    await store('x', 'candidate');
    const stranger = { ...claims(), verify: () => Promise.reject(new Error('foreign')), removeAll: () => Promise.reject(new Error('never called')) };
    expect((await perform(collectGarbage(stranger, settings()))).state).toBe('failed');
    expect(await database.tombstoned()).toEqual([]);
  });

  it('has no effect on the part of a master that is fenced', async () => {
    const blob = await store('x', 'candidate');
    const second = await database.takeOver('n2');
    const task = collectGarbage(filestore, settings());
    await expect(task.run({}, { db: database.db, fenced: (effect) => master.leadership.fenced(effect), step: () => Promise.resolve() }))
      .rejects.toMatchObject({ code: 'NOT_MASTER' });
    expect([await there(blob), await database.tombstoned()]).toEqual([true, []]);
    expect((await perform(task, {}, second)).report).toMatchObject({ deleted: 1 });
  });
});

describe('runs', () => {
  const quick = (slotSeconds: number | null, work: Task['run'] = () => Promise.resolve({})): Task => ({ kind: 'quick', slotSeconds, announced: () => true, run: work });

  it('of one slot happen once, whoever is the master', async () => {
    let ran = 0;
    // a slot whose end no run of this test sees
    const task = quick(1e9, () => { ran += 1; return Promise.resolve({}); });
    for (const node of ['n2', 'n3', 'n2']) {
      const next = await database.takeOver(node);
      const stop = new AbortController();
      const runner = new TaskRunner(next, [task], pino({ level: 'silent' }), stop.signal).run();
      await waitFor('the end of the slot', async () => (await listTaskRuns(database.db, 10)).every((run) => run.finishedAt !== null) && ran > 0);
      stop.abort();
      await runner;
    }
    expect(ran).toBe(1);
    expect(await listTaskRuns(database.db, 10)).toHaveLength(1);
  });

  it('that a change of master interrupted are ended by the next one, and do no more', async () => {
    const begun = Promise.withResolvers<undefined>();
    const goOn = Promise.withResolvers<undefined>();
    const late: unknown[] = [];
    const task = quick(null, async (_args, control) => {
      begun.resolve(undefined);
      await goOn.promise;
      await control.fenced((trx) => sql`delete from repository`.execute(trx)).catch((error: unknown) => { late.push(error); throw error; });
      return {};
    });
    const stop = new AbortController();
    const asked = await requestTaskRun(database.db, { id: randomUUID(), kind: 'quick', requestedBy: 'admin', arguments: {} });
    const former = new TaskRunner(master, [task], pino({ level: 'silent' }), stop.signal).run();
    await begun.promise;
    const next = await database.takeOver('n2');
    const nextRunner = new TaskRunner(next, [quick(null)], pino({ level: 'silent' }), stop.signal).run();
    await waitFor('the verdict of the next master', async () => (await findTaskRun(database.db, asked?.id ?? ''))?.state === 'failed');
    goOn.resolve(undefined);
    await waitFor('the late effect', () => late.length > 0);
    stop.abort();
    await Promise.all([former, nextRunner]);
    expect(late[0]).toMatchObject({ code: 'NOT_MASTER' });
    expect(await findTaskRun(database.db, asked?.id ?? '')).toMatchObject({ state: 'failed', report: { error: { code: 'NOT_MASTER' } } });
    expect(await database.db.selectFrom('repository').select('key').execute()).toHaveLength(1);
  });

  it('can be cancelled, queued or half-way, and keep what they did in their report', async () => {
    const first = await requestTaskRun(database.db, { id: randomUUID(), kind: 'quick', requestedBy: 'admin', arguments: {} });
    expect(await requestTaskRun(database.db, { id: randomUUID(), kind: 'quick', requestedBy: 'admin', arguments: {} })).toBeUndefined();
    expect(await cancelTaskRun(database.db, first?.id ?? '')).toMatchObject({ state: 'cancelled' });

    const second = await requestTaskRun(database.db, { id: randomUUID(), kind: 'quick', requestedBy: 'admin', arguments: {} });
    const stop = new AbortController();
    const runner = new TaskRunner(master, [quick(null, async (_args, control) => {
      for (let done = 1; ; done += 1) {
        await control.step({ done });
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    })], pino({ level: 'silent' }), stop.signal).run();
    await waitFor('some progress', async () => Number((await findTaskRun(database.db, second?.id ?? ''))?.progress['done']) > 0);
    await cancelTaskRun(database.db, second?.id ?? '');
    const ended = await waitFor('the end', async () => {
      const run = await findTaskRun(database.db, second?.id ?? '');
      return run?.state === 'cancelled' ? run : undefined;
    });
    stop.abort();
    await runner;
    expect(Number(ended.report?.['done'])).toBeGreaterThan(0);
  });
});

describe('house-keeping', () => {
  it('forgets old answers and the artifacts of deleted repositories, whose blobs become candidates', async () => {
    const kept = await store('kept', 'used');
    const orphan = await store('orphan', 'used');
    await sql`update artifact set repository_id = 77 where blob_id = ${orphan.id}`.execute(database.db);
    for (const [id, hours] of [['old', 25], ['new', 1]] as const) {
      await sql`insert into request_result (id, incarnation, status, created_at)
        values (${id}, ${master.incarnation}, 201, clock_timestamp() - make_interval(hours => ${hours}))`.execute(database.db);
    }
    const run = await perform(keepHouse({ replayResultHours: 24, auditDays: 30 }));
    expect(run.report).toEqual({ requestResults: 1, artifacts: 1, taskRuns: 0, upstreamEntries: 0, auditEntries: 0, tokens: 0, loginFailures: 0 });
    expect((await database.db.selectFrom('request_result').select('id').execute()).map((row) => row.id)).toEqual(['new']);
    expect((await database.db.selectFrom('artifact').select('blob_id').execute()).map((row) => row.blob_id)).toEqual([kept.id]);
    expect(await database.candidates()).toEqual([orphan.id]);
  });
});

describe('sweep of a gone incarnation', () => {
  it('removes published files without a row, keeps those with one, and the staging folder goes', async () => {
    const lost = await filestore.stage(master.incarnation, Buffer.from('never committed'));
    await lost.publish();
    const committed = await filestore.stage(master.incarnation, Buffer.from('committed, staging name left'));
    await committed.publish();
    await insertBlob(database.db, committed);
    await filestore.close();
    const next = await database.takeOver('n2');
    // what the next master sees: another process, to which none of these files is under way
    const cluster = openFilestore({ path: folder.path });
    await cluster.bind(clusterId);
    try {
      await expect(sweepIncarnation(cluster, master, master.incarnation)).rejects.toMatchObject({ code: 'NOT_MASTER' });
      expect(await cluster.incarnations()).toEqual([master.incarnation]);
      expect(await sweepIncarnation(cluster, next, master.incarnation)).toBe(1);
      expect([await cluster.stat(lost), await cluster.stat(committed)]).toEqual([null, committed.size]);
      expect(await cluster.incarnations()).toEqual([]);
      expect(await sweepIncarnation(cluster, next, master.incarnation)).toBe(0);
    } finally {
      await cluster.close();
    }
  });
});
