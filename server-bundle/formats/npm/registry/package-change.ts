import type { Transaction } from 'kysely';
import { BulkheadError } from '../../../contract/index.ts';
import { commitOnce } from '../../../metadata/commit-once.ts';
import { lockPaths } from '../../../metadata/path-locks.ts';
import type { RecordedAnswer } from '../../../metadata/request-results.ts';
import type { Database } from '../../../metadata/schema.ts';
import type { Content } from '../../../repositories/content.ts';
import { earlierAnswer } from '../../../repositories/deploy.ts';
import { requireUnchanged } from '../../../repositories/guards.ts';
import type { Repository } from '../../../repositories/repository.ts';
import { together } from '../../../repositories/touched.ts';
import type { Principal } from '../../../security/principal.ts';
import { packageState } from '../documents.ts';
import { packumentKeys } from '../index.ts';
import { revisionOf, type PackageState } from '../packument.ts';
import { packageNotFound } from './npm-repository.ts';
import { removalOf } from './removal.ts';

/** A change of a package as a whole. */
export interface PackageChange {
  readonly name: string;
  readonly principal: Principal;
  readonly replayKey: string | null;
  /** the revision that the client has read; null: whatever it is now */
  readonly revision: string | null;
  /** what goes, of what is there before the change: files, or a folder (ends in "/"); into the trash can, where that is on */
  readonly removes?: (state: PackageState) => readonly string[];
  /** in one transaction, while nothing else changes in the package; may run again after a deadlock */
  readonly effect: (trx: Transaction<Database>, state: PackageState) => Promise<void>;
  readonly answer: object;
}

/**
 * Changes a package as a whole, exactly as its client has seen it.
 * @throws ARTIFACT_NOT_FOUND, REVISION_CONFLICT when it is not any more what the client has read
 */
export async function changePackage(content: Content, repository: Repository, change: PackageChange): Promise<RecordedAnswer> {
  try {
    return await attempt(content, repository, change);
  } catch (error) {
    // the same request may have made the change on another node meanwhile: what it was to change is not there any more then
    if (!(error instanceof BulkheadError) || error.status >= 500) throw error;
    const recorded = await earlierAnswer(content, change.replayKey);
    if (recorded === undefined) throw error;
    return recorded;
  }
}

async function attempt(content: Content, repository: Repository, change: PackageChange): Promise<RecordedAnswer> {
  const { session } = content;
  const { name } = change;
  const before = await packageState(session.db, repository.id, name);
  if (before === undefined) throw packageNotFound(name);
  const removal = await removalOf(content, repository, change.principal, change.removes?.(before) ?? []);
  const seen = change.revision ?? (change.removes === undefined ? null : revisionOf(before));
  const touched = together([{ keys: packumentKeys(repository.id, name) }, removal.touched]);
  return session.coherence.change(touched, async () => {
    const { answer } = await commitOnce(session.db, session.incarnation, change.replayKey, async (trx) => {
      // exclusive for the folder that every publish claims a path in
      await lockPaths(trx, [{ repositoryId: repository.id, path: `${name}/-/` }, ...removal.claimed]);
      await requireUnchanged(trx, repository);
      const state = await packageState(trx, repository.id, name);
      if (state === undefined) throw packageNotFound(name);
      if (seen !== null && revisionOf(state) !== seen) throw new BulkheadError('REVISION_CONFLICT', `${name} has changed since it was read (its revision is not ${seen.slice(0, 80)} any more)`);
      await removal.carryOut(trx);
      await change.effect(trx, state);
      return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(change.answer) };
    });
    return answer;
  });
}
