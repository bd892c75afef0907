import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { findTaskRun, requestTaskRun } from '../../../server-bundle/metadata/task-runs.ts';
import { TaskRunner, type TaskSession } from '../../../server-bundle/tasks/runner.ts';
import type { Task } from '../../../server-bundle/tasks/task.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { waitFor } from '../../harness/wait-for.ts';
import { metadataDatabase, type MetadataDatabase, type Master } from './metadata-database.ts';

let postgres: TestPostgres;
let database: MetadataDatabase;
let master: Master;
let begun = 0;
const quiet = pino({ level: 'silent' });
const task: Task = { kind: 'test', slotSeconds: null, announced: () => true, run: () => { begun += 1; return Promise.resolve({ done: begun }); } };

beforeAll(async () => {
  postgres = await startPostgres();
  database = await metadataDatabase(postgres);
  master = await database.takeOver('n1');
});
afterAll(async () => {
  await database[Symbol.asyncDispose]();
  await postgres.stop();
});

type Fenced = TaskSession['leadership']['fenced'];

/** Lets the runner of a master that stays the master work until a run has ended and `over` holds, with something between it and the database. */
async function runBehind(between: (fenced: Fenced) => Fenced, over: () => boolean = () => true): Promise<Awaited<ReturnType<typeof findTaskRun>>> {
  begun = 0;
  const run = await requestTaskRun(database.db, { id: randomUUID(), kind: task.kind, requestedBy: 'admin', arguments: {} });
  if (run === undefined) throw new Error('a run is under way');
  const stop = new AbortController();
  const session: TaskSession = { ...master, leadership: { ...master.leadership, fenced: between((effect) => master.leadership.fenced(effect)) } };
  const running = new TaskRunner(session, [task], quiet, stop.signal).run();
  try {
    return await waitFor('the end of the run', async () => {
      const found = await findTaskRun(database.db, run.id);
      return found === undefined || found.finishedAt === null || !over() ? undefined : found;
    });
  } finally {
    stop.abort();
    await running;
  }
}
const told = async (type: 'task.started' | 'task.finished' = 'task.finished'): Promise<number> => (await database.db.selectFrom('event').select('seq').where('type', '=', type).execute()).length;

it('the end of a run is recorded as soon as the database takes it, for as long as the master stays the same', async () => {
  let refused = 0;
  const ended = await runBehind((fenced) => (effect) => {
    if (begun === 0 || refused === 2) return fenced(effect);
    refused += 1;
    return Promise.reject(new BulkheadError('OVERLOADED'));
  });
  expect(ended).toMatchObject({ state: 'succeeded', report: { done: 1 } });
  expect(refused).toBe(2);
});

it('an end that was recorded, and whose answer was lost, is told once', async () => {
  const before = await told();
  let lost = false;
  let again = 0;
  await runBehind((fenced) => async (effect) => {
    const answer = await fenced(effect);
    if (begun === 0) return answer;
    if (lost) again += 1;
    else {
      lost = true;
      throw new BulkheadError('OUTCOME_UNKNOWN');
    }
    return answer;
  }, () => again > 0);
  expect(await told()).toBe(before + 1);
});

it('a run that was begun, and whose answer was lost, is begun, and told once', async () => {
  const before = await told('task.started');
  let lost = false;
  const ended = await runBehind((fenced) => async (effect) => {
    const answer = await fenced(effect);
    if (answer === undefined || lost) return answer;
    lost = true;
    throw new BulkheadError('OUTCOME_UNKNOWN');
  });
  expect(lost).toBe(true);
  expect(ended).toMatchObject({ state: 'succeeded', report: { done: 1 } });
  expect(await told('task.started')).toBe(before + 1);
});

it('a run that its master has given up, because it trusted its lease no more for a moment, is begun again by the same master, and told once', async () => {
  const before = await told('task.started');
  let refused = 0;
  const ended = await runBehind((fenced) => (effect) => {
    if (begun !== 1 || refused === 1) return fenced(effect);
    refused += 1;
    return Promise.reject(new BulkheadError('NOT_MASTER'));
  });
  expect(refused).toBe(1);
  expect(ended).toMatchObject({ state: 'succeeded', report: { done: 2 } });
  expect(await told('task.started')).toBe(before + 1);
});

it('a runner that was ended records nothing under a lease that its node holds once more: the run is the next runner\'s', async () => {
  begun = 0;
  const held = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
  const heldTask: Task = { ...task, run: async () => {
    begun += 1;
    const mine = begun;
    await held[mine - 1]?.promise;
    return { done: mine };
  } };
  const run = await requestTaskRun(database.db, { id: randomUUID(), kind: task.kind, requestedBy: 'admin', arguments: {} });
  const stops = [new AbortController(), new AbortController()];
  const runner = (number: 0 | 1): Promise<void> => new TaskRunner(master, [heldTask], quiet, stops[number]?.signal ?? AbortSignal.abort()).run();
  const first = runner(0);
  await waitFor('the first run', () => begun === 1);
  stops[0]?.abort();
  const second = runner(1);
  await waitFor('the same run again', () => begun === 2);
  held[0]?.resolve(undefined);
  await first;
  expect((await findTaskRun(database.db, run?.id ?? ''))?.state).toBe('running');
  held[1]?.resolve(undefined);
  await waitFor('its end', async () => (await findTaskRun(database.db, run?.id ?? ''))?.finishedAt !== null);
  stops[1]?.abort();
  await second;
  expect(await findTaskRun(database.db, run?.id ?? '')).toMatchObject({ state: 'succeeded', report: { done: 2 } });
});

it('a run whose failure has a text that no database takes ends all the same', async () => {
  const broken: Task = { ...task, run: () => Promise.reject(new BulkheadError('PATH_INVALID', 'a\0b\ud800')) };
  const run = await requestTaskRun(database.db, { id: randomUUID(), kind: task.kind, requestedBy: 'admin', arguments: {} });
  const stop = new AbortController();
  const running = new TaskRunner(master, [broken], quiet, stop.signal).run();
  const ended = await waitFor('its end', async () => {
    const found = await findTaskRun(database.db, run?.id ?? '');
    return found?.finishedAt === null ? undefined : found;
  });
  stop.abort();
  await running;
  expect(ended).toMatchObject({ state: 'failed', report: { error: { code: 'PATH_INVALID', message: 'a\ufffdb\ufffd' } } });
});
