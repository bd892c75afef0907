import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Transaction } from 'kysely';
import type { Logger } from 'pino';
import type { Session } from '../cluster/ports.ts';
import { asBulkheadError, BulkheadError, isBulkheadError, type TaskRun } from '../contract/index.ts';
import { databaseFailure } from '../metadata/failure.ts';
import type { Database } from '../metadata/schema.ts';
import { claimTaskRun, failInterruptedRuns, finishTaskRun, hasTaskWork, queueSlot, recordTaskProgress } from '../metadata/task-runs.ts';
import type { Task, TaskControl, Values } from './task.ts';

/** How often the master looks for work: what an operator waits at most before a run on request begins. */
const lookMs = 250;
/** How often it looks whether a slot has begun. */
const slotLookMs = 5000;
/** Progress is written, and a wish to cancel is seen, at most this often. */
const progressMs = 250;

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
  readonly #running = new Set<Promise<void>>();
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
    await Promise.all(this.#running);
  }

  async #look(): Promise<void> {
    const epoch = this.#session.leadership.current()?.epoch;
    if (epoch === undefined) return;
    const slotsDue = performance.now() - this.#slotsLookedAt >= slotLookMs;
    if (!slotsDue && !(await hasTaskWork(this.#session.db, epoch))) return;
    const claimed = await this.#session.leadership.fenced(async (trx, held) => {
      for (const run of await failInterruptedRuns(trx, held)) await this.#announce(trx, { ...run, state: 'failed' }, true);
      for (const task of this.#tasks.values()) {
        if (task.slotSeconds !== null) await queueSlot(trx, { id: randomUUID(), kind: task.kind }, task.slotSeconds);
      }
      const run = await claimTaskRun(trx, held);
      if (run?.slot === null) await this.#announceStart(trx, run);
      return run;
    });
    // only now: a look that failed is made again
    if (slotsDue) this.#slotsLookedAt = performance.now();
    if (claimed === undefined) return;
    const work = this.#execute(claimed).catch((error: unknown) => {
      // the next master finishes the run as failed
      const about = { task: claimed.kind, run: claimed.id };
      if (isBulkheadError(error, 'NOT_MASTER')) this.#log.info(about, 'the run is left to the next master');
      else this.#log.warn({ ...about, err: error }, 'the end of a run could not be recorded');
    }).finally(() => this.#running.delete(work));
    this.#running.add(work);
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
      state = isBulkheadError(error, 'CANCELLED') ? 'cancelled' : 'failed';
      const { code, message } = databaseFailure(error) ?? asBulkheadError(error);
      report = { ...control.done, error: { code, message } };
      if (state === 'failed' && code !== 'NOT_MASTER') this.#log.error({ task: run.kind, run: run.id, code, err: error }, 'task failed');
    }
    const announced = state !== 'succeeded' || task?.announced(report) !== false;
    await this.#session.leadership.fenced(async (trx) => {
      await finishTaskRun(trx, run.id, state, report);
      await this.#announce(trx, { ...run, state, report: { ...report } }, announced);
    });
    this.#log.info({ task: run.kind, run: run.id, state, report }, 'task ended');
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
