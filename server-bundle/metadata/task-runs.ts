import { sql, type Selectable } from 'kysely';
import type { Reader } from '../cluster/ports.ts';
import type { TaskRun, TaskState } from '../contract/index.ts';
import type { TaskRunTable } from './schema.ts';

/** What it takes to ask for a run. */
export interface NewTaskRun {
  readonly id: string;
  readonly kind: string;
  readonly requestedBy: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

const toRecord = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});
const toTime = (value: Date | null): string | null => value?.toISOString() ?? null;

function view(row: Selectable<TaskRunTable>): TaskRun {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state,
    slot: toTime(row.slot),
    epoch: row.epoch,
    requestedBy: row.requested_by,
    arguments: toRecord(row.arguments),
    cancelRequested: row.cancel_requested,
    progress: toRecord(row.progress),
    report: row.report === null ? null : toRecord(row.report),
    createdAt: row.created_at.toISOString(),
    startedAt: toTime(row.started_at),
    finishedAt: toTime(row.finished_at),
  };
}

/** Queues a run on request; undefined when one of its kind is queued or running. */
export async function requestTaskRun(db: Reader, run: NewTaskRun): Promise<TaskRun | undefined> {
  const row = await db.insertInto('task_run')
    .values({ id: run.id, kind: run.kind, requested_by: run.requestedBy, arguments: JSON.stringify(run.arguments), state: 'queued' })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll().executeTakeFirst();
  return row === undefined ? undefined : view(row);
}

/**
 * Queues the run of the present slot, by the database's clock. Slots begin at whole multiples of their length since 1970, so every
 * master means the same ones; the unique key on (kind, slot) keeps a slot from running twice. Nothing happens when one of its kind is under way.
 */
export async function queueSlot(trx: Reader, run: Pick<NewTaskRun, 'id' | 'kind'>, slotSeconds: number): Promise<boolean> {
  const inserted = await sql`
    insert into task_run (id, kind, slot, requested_by, state)
    select ${run.id}, ${run.kind}, to_timestamp(floor(extract(epoch from clock_timestamp()) / ${slotSeconds}::float8) * ${slotSeconds}::float8), 'schedule', 'queued'
    on conflict do nothing returning id`.execute(trx);
  return inserted.rows.length > 0;
}

/** Whether the master of `epoch` has anything to begin or to finish. A plain read, so that looking costs next to nothing. @param underWay runs that it is at work on */
export async function hasTaskWork(db: Reader, epoch: number, underWay: readonly string[]): Promise<boolean> {
  const rows = await db.selectFrom('task_run').select(['id', 'state', 'epoch']).where('state', 'in', ['queued', 'running']).execute();
  return rows.some((row) => row.state === 'queued' || row.epoch !== epoch || !underWay.includes(row.id));
}

/**
 * Queues runs again that are this master's and that it is not at work on: the answer to its claim was lost, or it did not trust its lease for a moment and
 * gave them up, and has renewed it since. Nobody else would end them, and no other of their kind begins before. They keep the time at which they were
 * begun first. @param underWay runs that it is at work on
 */
export async function requeueGivenUpRuns(trx: Reader, epoch: number, underWay: readonly string[]): Promise<void> {
  await trx.updateTable('task_run').set({ state: 'queued', epoch: null })
    .where('state', '=', 'running').where('epoch', '=', epoch).where(sql<boolean>`id <> all (${sql.val([...underWay])}::uuid[])`)
    .execute();
}

/**
 * Begins the oldest queued run; undefined when there is none. `again`: it was begun before, and given up. The caller's transaction is fenced, so only
 * the master of `epoch` gets it.
 */
export async function claimTaskRun(trx: Reader, epoch: number): Promise<{ readonly run: TaskRun; readonly again: boolean } | undefined> {
  const row = await trx.updateTable('task_run')
    .from((eb) => eb.selectFrom('task_run').select(['id', 'started_at as before']).where('state', '=', 'queued').orderBy('created_at').orderBy('id').limit(1).as('next'))
    .set({ state: 'running', epoch, started_at: sql<Date>`clock_timestamp()` })
    .whereRef('task_run.id', '=', 'next.id').where('task_run.state', '=', 'queued')
    .returningAll('task_run').returning('next.before').executeTakeFirst();
  return row === undefined ? undefined : { run: view(row), again: row.before !== null };
}

/** Ends the runs of earlier epochs as failed: their master is fenced, so they do no more work. Returns them. */
export async function failInterruptedRuns(trx: Reader, epoch: number): Promise<TaskRun[]> {
  const error = JSON.stringify({ error: { code: 'NOT_MASTER', message: 'The master changed while the task ran' } });
  const rows = await trx.updateTable('task_run')
    .set({ state: 'failed', finished_at: sql<Date>`clock_timestamp()`, report: sql`coalesce(report, progress) || ${error}::jsonb` })
    .where('state', '=', 'running').where('epoch', 'is distinct from', epoch)
    .returningAll().execute();
  return rows.map(view);
}

/** Notes progress; true when somebody wants the run to end. */
export async function recordTaskProgress(trx: Reader, id: string, progress: Readonly<Record<string, unknown>>): Promise<boolean> {
  const row = await trx.updateTable('task_run').set({ progress: JSON.stringify(progress) })
    .where('id', '=', id).returning('cancel_requested').executeTakeFirst();
  return row?.cancel_requested ?? true;
}

/** @returns false when its end was recorded before */
export async function finishTaskRun(
  trx: Reader, id: string, state: Extract<TaskState, 'succeeded' | 'failed' | 'cancelled'>, report: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const row = await trx.updateTable('task_run')
    .set({ state, report: JSON.stringify(report), finished_at: sql<Date>`clock_timestamp()` })
    .where('id', '=', id).where('state', '=', 'running').returning('id').executeTakeFirst();
  return row !== undefined;
}

/** A queued run ends at once; a running one is told. Undefined when there is no such run. Asking again, or too late, changes nothing. */
export async function cancelTaskRun(db: Reader, id: string): Promise<TaskRun | undefined> {
  const row = await db.updateTable('task_run')
    .set((eb) => ({
      cancel_requested: true,
      state: eb.case().when('state', '=', 'queued').then('cancelled' as const).else(eb.ref('state')).end(),
      finished_at: eb.case().when('state', '=', 'queued').then(sql<Date | null>`clock_timestamp()`).else(eb.ref('finished_at')).end(),
    }))
    .where('id', '=', id).where('state', 'in', ['queued', 'running'])
    .returningAll().executeTakeFirst();
  return row === undefined ? findTaskRun(db, id) : view(row);
}

export async function findTaskRun(db: Reader, id: string): Promise<TaskRun | undefined> {
  const row = await db.selectFrom('task_run').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : view(row);
}

/** The run of a kind that is queued or under way. */
export async function findActiveRun(db: Reader, kind: string): Promise<TaskRun | undefined> {
  const row = await db.selectFrom('task_run').selectAll().where('kind', '=', kind).where('state', 'in', ['queued', 'running']).executeTakeFirst();
  return row === undefined ? undefined : view(row);
}

/** Newest first. */
export async function listTaskRuns(db: Reader, limit: number): Promise<TaskRun[]> {
  const rows = await db.selectFrom('task_run').selectAll().orderBy('created_at', 'desc').orderBy('id').limit(limit).execute();
  return rows.map(view);
}

/** Forgets runs that ended long ago; returns how many. */
export async function pruneTaskRuns(trx: Reader, days: number, limit: number): Promise<number> {
  const result = await sql`
    delete from task_run where id in (
      select id from task_run where finished_at < clock_timestamp() - make_interval(days => ${days}) limit ${limit})`.execute(trx);
  return Number(result.numAffectedRows ?? 0n);
}
