import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely, Transaction } from 'kysely';
import { BulkheadError } from '../contract/index.ts';
import type { NewAuditEntry } from './audit/audit-entries.ts';
import { auditedRequest, type AuditedRequest } from './audit/audited-request.ts';
import { databaseFailure } from './failure.ts';
import { findRecordedAnswer, recordAnswer, type RecordedAnswer } from './request-results.ts';
import type { Database } from './schema.ts';

/** How long a broken commit is looked up before its outcome is given up as unknown, milliseconds. */
const settleMs = 8000;
/** serialization_failure, deadlock_detected: the transaction did nothing and may simply run again */
const transient = new Set(['40001', '40P01']);

/** Under which a change is recorded that came without a replay key: its own outcome is looked up by it. */
export function newRecordKey(): string {
  return `once:${randomUUID()}`;
}

/** Thrown inside the transaction to roll it back. */
class AlreadyDone extends Error {}
class NotCommitted extends Error {}

/** The end of a change: its answer, and who made it. */
export interface Committed {
  readonly answer: RecordedAnswer;
  /** `another`: the same request, somewhere else; `unsure`: it is made, but by which of the two cannot be told any more */
  readonly madeBy: 'us' | 'another' | 'unsure';
}

/**
 * Runs one change in one transaction and records its answer with it, exactly once for a replay key.
 *
 * When the connection breaks during COMMIT nobody can tell by the error what happened. The recorded answer can: inserting the
 * same key again waits for a commit that is still under way, and either meets its record or proves that it never will be there.
 *
 * An effect that refuses (with a BulkheadError) is answered with the record as well, where there is one: see `unlessDone`.
 *
 * Behind the effect, as the last thing before the commit, the request that it belongs to is confirmed: whoever lost a right, a token or the
 * account since it was looked at changes nothing. (`outlastWriters` closes what is left between this look and the commit.)
 *
 * @param key    replay key of the request; null when it came without one
 * @param effect the change; it may run again after a deadlock. It throws to undo everything
 * @throws what the confirmation throws; OUTCOME_UNKNOWN when the database could not be asked in time; DATABASE_UNAVAILABLE when nothing was done
 */
export async function commitOnce(
  db: Kysely<Database>, incarnation: string, key: string | null, effect: (trx: Transaction<Database>) => Promise<RecordedAnswer>, confirmed: Confirmed = 'behind',
): Promise<Committed> {
  return commitRecorded(db, incarnation, key, async (trx, record) => {
    const answer = await effect(trx);
    return await recordAnswer(trx, record.key, incarnation, answer, record.audit(answer.status)) ? answer : 'done-before';
  }, confirmed);
}

/** Where in its transaction a change is confirmed; `ahead` of an effect that may take away what the request itself stands on. */
export type Confirmed = 'behind' | 'ahead';

/** What a change records beside itself. */
export interface ChangeRecord {
  /** under which its answer is recorded */
  readonly key: string;
  /** the entry of the audit log that goes with it; null: none */
  audit(status: number): NewAuditEntry | null;
}

export function changeRecord(key: string, request: AuditedRequest | undefined): ChangeRecord {
  return { key, audit: (status) => (request === undefined || request.written ? null : request.entry(status)) };
}

/**
 * The same for an effect that writes the record itself, in a statement of its own making.
 * @param effect resolves to the answer, or to `done-before` when the record's key was taken: everything is undone then
 */
export async function commitRecorded(
  db: Kysely<Database>, incarnation: string, key: string | null, effect: (trx: Transaction<Database>, record: ChangeRecord) => Promise<RecordedAnswer | 'done-before'>,
  confirmed: Confirmed = 'behind',
): Promise<Committed> {
  const recordKey = key ?? newRecordKey();
  const request = auditedRequest();
  const record = changeRecord(recordKey, request);
  for (let attempt = 1; ; attempt += 1) {
    const progress = { committing: false };
    try {
      const answer = await db.transaction().execute(async (trx) => {
        if (confirmed === 'ahead') await request?.confirm(trx);
        const result = await effect(trx, record).catch((error: unknown) => unlessDone(trx, recordKey, error));
        if (result === 'done-before') throw new AlreadyDone();
        if (confirmed === 'behind') await request?.confirm(trx);
        progress.committing = true;
        return result;
      });
      if (request !== undefined) request.written = true;
      return { answer, madeBy: 'us' };
    } catch (error) {
      if (error instanceof AlreadyDone) return { answer: await recorded(db, recordKey), madeBy: 'another' };
      if (progress.committing) return await settle(db, incarnation, recordKey, error);
      if (attempt < 4 && error instanceof Error && 'code' in error && transient.has(String(error.code))) continue;
      throw asFailure(error);
    }
  }
}

/**
 * What refused a change may be what the same request has done on another node: the file that it asked to find is replaced, or gone. The locks that
 * the effect took keep a commit of the other node from coming in between.
 */
async function unlessDone(trx: Transaction<Database>, key: string, error: unknown): Promise<'done-before'> {
  // a transaction that the server has broken off answers nothing any more: the refusal is what is told then
  const recorded = error instanceof BulkheadError ? await findRecordedAnswer(trx, key).catch(() => undefined) : undefined;
  if (recorded !== undefined) return 'done-before';
  throw error;
}

/**
 * Finds out what became of a commit that broke.
 * @throws what it would have thrown had it never been sent, or OUTCOME_UNKNOWN
 */
export async function settle(db: Kysely<Database>, incarnation: string, key: string, broken: unknown): Promise<Committed> {
  const deadline = performance.now() + settleMs;
  while (performance.now() < deadline) {
    try {
      await db.transaction().execute(async (trx) => {
        if (await recordAnswer(trx, key, incarnation, { status: 0, headers: {}, body: null })) throw new NotCommitted();
      });
      return { answer: await recorded(db, key), madeBy: 'unsure' };
    } catch (error) {
      if (error instanceof NotCommitted) throw asFailure(broken);
      await pause(100);
    }
  }
  throw new BulkheadError('OUTCOME_UNKNOWN', undefined, { cause: broken });
}

async function recorded(db: Kysely<Database>, key: string): Promise<RecordedAnswer> {
  const answer = await findRecordedAnswer(db, key);
  if (answer === undefined) throw new BulkheadError('INTERNAL', 'The record of a request has vanished');
  return answer;
}

/** What broke a change before its commit: a failure of the database, or what the effect threw to undo itself. */
export function asFailure(error: unknown): unknown {
  return databaseFailure(error) ?? error;
}
