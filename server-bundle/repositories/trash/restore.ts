import type { Transaction } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import { BulkheadError } from '../../contract/index.ts';
import { updateFacts } from '../../metadata/artifact-facts.ts';
import { findFile, type StoredArtifact } from '../../metadata/artifacts.ts';
import { commitOnce } from '../../metadata/commit-once.ts';
import { artifactsBelow } from '../../metadata/folders.ts';
import { lockPaths } from '../../metadata/path-locks.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Database } from '../../metadata/schema.ts';
import { restoreFromTrash } from '../../metadata/trash-can.ts';
import { authorize, requireAdmin } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { trashRepositoryKey } from '../../security/trash-access.ts';
import { admitFile, requireLocal } from '../admission.ts';
import { artifactNotFound, type Content } from '../content.ts';
import { earlierAnswer } from '../deploy.ts';
import { requireRoom, requireUnchanged, whileRepositoryChanges } from '../guards.ts';
import { filesAmong, inspectMoved, needsInspection, requireInspected, type MovedFacts, type Way } from '../moved-facts.ts';
import { readRepository } from '../repository.ts';
import { together, touchedByFile, touchedByFolder } from '../touched.ts';
import type { Location } from '../transfer.ts';
import { touchedInTrash, trashCan } from './trash-can.ts';

export interface RestoreRequest {
  readonly principal: Principal;
  /** where it was deleted from */
  readonly from: Location;
  readonly to: Location;
  readonly replayKey: string | null;
}

/** Paths end in "/" for a folder; the source is the trash can. */
interface Plan extends Way {
  readonly isFolder: boolean;
  /** what was found in files that come to another place than theirs; null where they come back */
  readonly moved: MovedFacts | null;
}

/**
 * Takes a file or folder out of the trash can. A path that was taken meanwhile is not replaced.
 * @throws ARTIFACT_NOT_FOUND, ARTIFACT_EXISTS, PATH_CONFLICT, LAYOUT_VIOLATION; nothing is restored then
 */
export async function restore(content: Content, request: RestoreRequest): Promise<RecordedAnswer> {
  const { session } = content;
  const { principal, to, replayKey } = request;
  requireAdmin(principal);
  authorize(principal, 'deploy', to.repositoryKey, to.path);
  const recorded = await earlierAnswer(content, replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const plan = await planRestore(content, request);
    const { source: trash, target, isFolder, sourcePath, targetPath } = plan;
    const touched = together([touchedInTrash(trash, sourcePath), isFolder ? touchedByFolder(target, targetPath) : touchedByFile(target, targetPath)]);
    return session.coherence.change(touched, async () => {
      const { answer } = await commitOnce(session.db, session.incarnation, replayKey, (trx) => carryOut(trx, plan));
      return answer;
    });
  });
}

async function planRestore(content: Content, { from, to }: RestoreRequest): Promise<Plan> {
  const { db, coherence } = content.session;
  const trash = await trashCan(content.session);
  const target = await readRepository(coherence.read, to.repositoryKey);
  requireLocal(target);
  const plain = from.path.replace(/\/$/, '');
  const source = plain === '' ? from.repositoryKey : `${from.repositoryKey}/${plain}`;
  const isFolder = plain === '' || from.path.endsWith('/') || await findFile(db, trash.id, source) === undefined;
  const targetPlain = to.path.replace(/\/$/, '');
  if (!isFolder && targetPlain === '') throw new BulkheadError('PATH_INVALID', 'A path inside the repository is needed');
  const folder = targetPlain === '' ? '' : `${targetPlain}/`;
  const way: Way = { source: trash, target, sourcePath: isFolder ? `${source}/` : source, targetPath: isFolder ? folder : targetPlain };
  const comesBack = from.repositoryKey === to.repositoryKey && plain === targetPlain;
  const moved = comesBack || !needsInspection(way) ? null : await inspectMoved(content, way, filesAmong(await artifactsAt(db, way, isFolder)));
  return { ...way, isFolder, moved };
}

async function carryOut(trx: Transaction<Database>, plan: Plan): Promise<RecordedAnswer> {
  const { source: trash, target, isFolder, sourcePath, targetPath, moved } = plan;
  await lockPaths(trx, [{ repositoryId: trash.id, path: sourcePath }, { repositoryId: target.id, path: targetPath }]);
  await requireUnchanged(trx, target);
  const artifacts = await artifactsAt(trx, plan, isFolder);
  if (artifacts.length === 0) throw artifactNotFound(trashRepositoryKey, sourcePath.replace(/\/$/, ''));
  if (targetPath !== '') await requireRoom(trx, target, targetPath);
  for (const { path, blob } of artifacts) {
    if (blob === null) continue;
    const end = targetPath + path.slice(sourcePath.length);
    admitFile(target, end);
    if (isFolder) await requireRoom(trx, target, end);
    if (await findFile(trx, target.id, end) !== undefined) {
      throw new BulkheadError('ARTIFACT_EXISTS', `${target.key}/${end} is there already`, { hint: 'Restore to another path with ?to=/repository/path, or delete what is there.' });
    }
  }
  if (moved !== null) requireInspected(artifacts, moved);
  await restoreFromTrash(trx, { repositoryId: trash.id, path: sourcePath }, { repositoryId: target.id, path: targetPath });
  for (const [path, { facts }] of moved ?? []) await updateFacts(trx, target.id, targetPath + path.slice(sourcePath.length), facts);
  return { status: 200, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'Successfully restored trash items\n' };
}

async function artifactsAt(db: Reader, { source: trash, sourcePath }: Way, isFolder: boolean): Promise<StoredArtifact[]> {
  if (isFolder) return artifactsBelow(db, trash.id, sourcePath);
  const file = await findFile(db, trash.id, sourcePath);
  return file === undefined ? [] : [file];
}
