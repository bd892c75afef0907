import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Session } from '../cluster/ports.ts';
import { asBulkheadError, BulkheadError, isBulkheadError, type TaskRun } from '../contract/index.ts';
import { databaseFailure } from '../metadata/failure.ts';
import type { Database } from '../metadata/schema.ts';
import { claimTaskRun, failInterruptedRuns, finishTaskRun, hasTaskWork, queueSlot, requeueGivenUpRuns, recordTaskProgress } from '../metadata/task-runs.ts';
import type { Task, TaskControl, Values } from './task.ts';

/** How often the master looks for work: what an operator waits at most before a run on request begins. */
const lookMs = 250;
/** How often it looks whether a slot has begun. */
const slotLookMs = 5000;
/** Progress is written, and a wish to cancel is seen, at most this often. */
const progressMs = 250;
/** Pause before the end of a run is recorded again, when the database did not take it; longer each time. */
const untilRecordedAgainMs = 500;

/** What the runner needs of a session. */
export type TaskSession = Pick<Session, 'db' | 'leadership' | 'events' | 'nodeId'>;

/**
 * The master's work on tasks, for as long as it is the master: finishes what a predecessor left, queues the slots that are due,
 * runs what is queued. Kinds run beside each other; of one kind there is one run at a time, in the whole cluster.
 */
export class TaskRunner {
  readonly #session: TaskSession;
  readonly #tasks: ReadonlyMap<string, Task>;
  readonly #log: Logger;
  readonly #signal: AbortSignal;
  /** by id */
  readonly #running = new Map<string, Promise<void>>();
  #slotsLookedAt = Number.NEGATIVE_INFINITY;

  constructor(session: TaskSession, tasks: readonly Task[], log: Logger, signal: AbortSignal) {
    this.#session = session;
    this.#tasks = new Map(tasks.map((task) => [task.kind, task]));
    this.#log = log;
    this.#signal = signal;
  }

  /** Resolves when `signal` has aborted and nothing of this runner is under way any more. Never rejects. */
  async run(): Promise<void> {
    const over = (): boolean => this.#signal.aborted;
    while (!over()) {
      try {
        await this.#look();
      } catch (error) {
        // without the lease or the database there is nothing to do but to look again, and nothing to say that others do not say
        const { code } = asBulkheadError(error);
        if (!over() && code === 'INTERNAL') this.#log.warn({ code, err: error }, 'the look for tasks failed');
        else this.#log.debug({ code }, 'the look for tasks failed');
        await this.#pause(1000);
      }
      await this.#pause(lookMs);
    }
    await Promise.all(this.#running.values());
  }

  async #look(): Promise<void> {
    const epoch = this.#session.leadership.current()?.epoch;
    if (epoch === undefined) return;
    const slotsDue = performance.now() - this.#slotsLookedAt >= slotLookMs;
    const underWay = [...this.#running.keys()];
    if (!slotsDue && !(await hasTaskWork(this.#session.db, epoch, underWay))) return;
    const claimed = await this.#fenced(async (trx, held) => {
      for (const run of await failInterruptedRuns(trx, held)) await this.#announce(trx, { ...run, state: 'failed' }, true);
      await requeueGivenUpRuns(trx, held, underWay);
      for (const task of this.#tasks.values()) {
        if (task.slotSeconds !== null) await queueSlot(trx, { id: randomUUID(), kind: task.kind }, task.slotSeconds);
      }
      const next = await claimTaskRun(trx, held);
      if (next?.run.slot === null && !next.again) await this.#announceStart(trx, next.run);
      return next?.run;
    });
    // only now: a look that failed is made again
    if (slotsDue) this.#slotsLookedAt = performance.now();
    if (claimed === undefined) return;
    const work = this.#execute(claimed).catch((error: unknown) => {
      // the next master finishes the run as failed; this one begins it again, when it finds that it is the master all the same
      const about = { task: claimed.kind, run: claimed.id };
      if (isBulkheadError(error, 'NOT_MASTER')) this.#log.info(about, 'the run is given up: the lease is not trusted any more');
      else this.#log.warn({ ...about, err: error }, 'the end of a run could not be recorded');
    }).finally(() => this.#running.delete(claimed.id));
    this.#running.set(claimed.id, work);
  }

  async #execute(run: TaskRun): Promise<void> {
    const task = this.#tasks.get(run.kind);
    const control = new RunControl(this.#session, run.id, this.#signal);
    let state: 'succeeded' | 'failed' | 'cancelled' = 'succeeded';
    let report: Values;
    try {
      if (task === undefined) throw new BulkheadError('TASK_NOT_FOUND', `This master knows no task "${run.kind}"`);
      this.#log.info({ task: run.kind, run: run.id, requestedBy: run.requestedBy }, 'task begins');
      report = await task.run(run.arguments, control);
    } catch (error) {
      // not its end: whoever is the master now says what becomes of it
      if (isBulkheadError(error, 'NOT_MASTER')) throw error;
      state = isBulkheadError(error, 'CANCELLED') ? 'cancelled' : 'failed';
      const { code, message } = databaseFailure(error) ?? asBulkheadError(error);
      report = { ...control.done, error: { code, message: storable(message) } };
      if (state === 'failed') this.#log.error({ task: run.kind, run: run.id, code, err: error }, 'task failed');
    }
    const announced = state !== 'succeeded' || task?.announced(report) !== false;
    await this.#insist(run, async (trx) => {
      if (await finishTaskRun(trx, run.id, state, report)) await this.#announce(trx, { ...run, state, report: { ...report } }, announced);
    });
    this.#log.info({ task: run.kind, run: run.id, state, report }, 'task ended');
  }

  /** Again and again until it is recorded: as long as a run seems to be under way, no other of its kind begins. @throws NOT_MASTER when another one has to do it */
  async #insist(run: TaskRun, effect: (trx: Transaction<Database>) => Promise<void>): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.#fenced(effect);
        return;
      } catch (error) {
        if (isBulkheadError(error, 'NOT_MASTER') || this.#signal.aborted) throw error;
        this.#log.warn({ task: run.kind, run: run.id, attempt, err: error }, 'the end of a run could not be recorded yet');
        await this.#pause(Math.min(attempt * untilRecordedAgainMs, 30_000));
      }
    }
  }

  /**
   * Under the lease, for as long as this runner is at work: a node that has stepped down may hold the very same lease again, if letting go of it
   * failed, and then has another runner.
   */
  async #fenced<T>(effect: (trx: Transaction<Database>, epoch: number) => Promise<T>): Promise<T> {
    if (this.#signal.aborted) throw new BulkheadError('NOT_MASTER');
    return this.#session.leadership.fenced(effect);
  }

  async #announceStart(trx: Transaction<Database>, run: TaskRun): Promise<void> {
    await this.#session.events.publish({
      type: 'task.started', nodeId: this.#session.nodeId, message: `Task ${run.kind} begins, asked for by ${run.requestedBy}`,
      detail: { id: run.id, kind: run.kind, requestedBy: run.requestedBy, arguments: run.arguments },
    }, trx);
  }

  async #announce(trx: Transaction<Database>, run: TaskRun, announced: boolean): Promise<void> {
    if (!announced) return;
    await this.#session.events.publish({
      type: 'task.finished', nodeId: this.#session.nodeId, message: `Task ${run.kind} ${run.state}`,
      detail: { id: run.id, kind: run.kind, state: run.state, requestedBy: run.requestedBy, report: run.report },
    }, trx);
  }

  async #pause(milliseconds: number): Promise<void> {
    await delay(milliseconds, undefined, { signal: this.#signal }).catch(() => undefined);
  }
}

/** A message as the database takes it, whatever file names and clients have put into it. */
const storable = (message: string): string => message.toWellFormed().replaceAll('\0', '\ufffd');

class RunControl implements TaskControl {
  readonly #session: TaskSession;
  readonly #id: string;
  readonly #signal: AbortSignal;
  #written = 0;
  /** what the run said last of itself */
  done: Values = {};

  constructor(session: TaskSession, id: string, signal: AbortSignal) {
    this.#session = session;
    this.#id = id;
    this.#signal = signal;
  }

  get db(): TaskSession['db'] {
    return this.#session.db;
  }

  fenced<T>(effect: (trx: Transaction<Database>) => Promise<T>): Promise<T> {
    if (this.#signal.aborted) return Promise.reject(new BulkheadError('NOT_MASTER'));
    return this.#session.leadership.fenced(effect);
  }

  async step(done: Values): Promise<void> {
    this.done = done;
    if (this.#signal.aborted) throw new BulkheadError('NOT_MASTER');
    const now = performance.now();
    if (now - this.#written < progressMs) return;
    this.#written = now;
    const cancelled = await this.fenced((trx) => recordTaskProgress(trx, this.#id, done));
    if (cancelled) throw new BulkheadError('CANCELLED');
  }
}
