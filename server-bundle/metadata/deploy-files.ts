import { sql, type Kysely } from 'kysely';
import { BulkheadError } from '../contract/index.ts';
import type { AuditedRequest } from './audit/audited-request.ts';
import { asFailure, settle, type Committed } from './commit-once.ts';
import type { NotDeployed } from './deploy-file.ts';
import { databaseFailure } from './failure.ts';
import type { FileArguments } from './file-arguments.ts';
import { Gathered } from './gathered.ts';
import type { Database } from './schema.ts';

/** What the database has said of one file; `detail`: when it was created, or what is in its way. */
export interface FileOutcome {
  readonly outcome: NotDeployed['why'] | 'done' | 'done-before';
  readonly detail: string | null;
}

/** A file on its way into the database, and the request that it came with. */
export interface FileToDeploy {
  readonly sha256: string;
  readonly given: FileArguments;
  /** the same as JSON */
  readonly text: string;
  readonly request: AuditedRequest | undefined;
}

/** What became of it. `alone`: nothing yet; it is to be made by itself. */
export type FileResult =
  | { readonly how: 'said'; readonly said: FileOutcome }
  | { readonly how: 'settled'; readonly committed: Committed }
  | { readonly how: 'alone' };

type Settled = FileResult | { readonly how: 'failed'; readonly error: unknown };

/** A commit that is broken off has to be made again. */
const most = 32;
/** Less than a commit takes on most disks. */
const lingerMs = 4;
/**
 * What was confirmed first waits for the confirmation of all others before it is committed. Far below what `outlastWriters` waits for, milliseconds.
 */
const mostConfirmingMs = 5000;
const alone: FileResult = { how: 'alone' };
const groups = new WeakMap<Kysely<Database>, Gathered<FileToDeploy, Settled>>();

/** Somebody's right has gone: the transaction is undone and made again without that file. */
class Unconfirmed extends Error {}
/** The first confirmation is too old to be committed on. */
class TooSlow extends Error {}

/**
 * Commits files that come at the same time in one transaction, each as if it were alone: with an outcome, an audit entry and a record of its own, and
 * confirmed as the last thing before the commit (`commitRecorded`).
 * @throws what `commitRecorded` throws
 */
export async function deployTogether(db: Kysely<Database>, file: FileToDeploy): Promise<FileResult> {
  let group = groups.get(db);
  if (group === undefined) {
    group = new Gathered((files) => commitTogether(db, files), { most, lingerMs });
    groups.set(db, group);
  }
  const result = await group.add(file);
  if (result.how === 'failed') throw result.error;
  return result;
}

async function commitTogether(db: Kysely<Database>, files: readonly FileToDeploy[]): Promise<readonly Settled[]> {
  const results = new Map<FileToDeploy, Settled>();
  for (let left = files; left.length > 0; left = files.filter((file) => !results.has(file))) {
    try {
      for (const [file, result] of await commitGroup(db, left, results)) results.set(file, result);
    } catch (error) {
      if (error instanceof Unconfirmed) continue;
      // nobody has got a connection, or there is no database to ask again
      if (error instanceof BulkheadError || databaseFailure(error)?.code === 'DATABASE_UNAVAILABLE') throw asFailure(error);
      // whatever else is wrong is wrong with one of them, and nothing was committed: each learns for itself whether it was meant
      break;
    }
  }
  return files.map((file) => results.get(file) ?? alone);
}

/**
 * One attempt.
 * @param refused gets the files whose request was not confirmed
 * @throws Unconfirmed when there are some; TooSlow when that took long; what broke the transaction before its commit. Nothing was written then
 */
async function commitGroup(db: Kysely<Database>, files: readonly FileToDeploy[], refused: Map<FileToDeploy, Settled>): Promise<readonly (readonly [FileToDeploy, Settled])[]> {
  const ordered = [...files].sort((a, b) => (a.sha256 < b.sha256 ? -1 : 1));
  let said: readonly (FileOutcome | { readonly outcome: 'busy' })[] = [];
  const progress = { committing: false };
  try {
    await db.transaction().execute(async (trx) => {
      const { rows } = await sql<FileOutcome | { outcome: 'busy' }>`select outcome, detail from deploy_files(${`[${ordered.map(({ text }) => text).join(',')}]`}::jsonb)`.execute(trx);
      said = rows;
      const made = ordered.filter((_, at) => said[at]?.outcome === 'done');
      const begun = performance.now();
      for (const file of made) {
        await file.request?.confirm(trx).catch((error: unknown) => {
          if (!(error instanceof BulkheadError)) throw error;
          refused.set(file, { how: 'failed', error });
        });
        if (performance.now() - begun > mostConfirmingMs) throw new TooSlow();
      }
      if (made.some((file) => refused.has(file))) throw new Unconfirmed();
      progress.committing = true;
    });
  } catch (error) {
    if (!progress.committing) throw error;
    return Promise.all(ordered.map(async (file, at) => [file, said[at]?.outcome === 'done' ? await outcomeOf(db, file, error) : alone] as const));
  }
  return ordered.map((file, at) => {
    const outcome = said[at];
    if (outcome === undefined || outcome.outcome === 'busy') return [file, alone];
    if (outcome.outcome === 'done' && file.request !== undefined) file.request.written = true;
    return [file, { how: 'said', said: outcome }];
  });
}

async function outcomeOf(db: Kysely<Database>, { given }: FileToDeploy, broken: unknown): Promise<Settled> {
  try {
    return { how: 'settled', committed: await settle(db, given.record_incarnation, given.record_id, broken) };
  } catch (error) {
    return { how: 'failed', error };
  }
}
