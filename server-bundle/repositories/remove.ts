import type { Transaction } from 'kysely';
import type { Touched } from '../cluster/ports.ts';
import { authorizeEach, authorizeOneOf, may, requireAdmin } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { deleteArtifact, findFile } from '../metadata/artifacts.ts';
import { addCollectionCandidates } from '../metadata/blobs.ts';
import { commitOnce } from '../metadata/commit-once.ts';
import { artifactsBelow, deleteBelow, folderExists } from '../metadata/folders.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import type { Database } from '../metadata/schema.ts';
import { moveToTrash } from '../metadata/trash-can.ts';
import { forgetUpstream, forgetUpstreamPath } from '../metadata/upstream-entries.ts';
import { requireRemovable } from './admission.ts';
import { artifactNotFound, type Content } from './content.ts';
import { earlierAnswer } from './deploy.ts';
import { readRepository, type Repository } from './repository.ts';
import { sidecarOf } from './sidecar.ts';
import { together, touchedByFile, touchedByFolder } from './touched.ts';
import { touchedInTrash, trashFor } from './trash/trash-can.ts';

export interface RemoveRequest {
  readonly principal: Principal;
  readonly repositoryKey: string;
  /** ends in "/" when only a folder is meant */
  readonly path: string;
  readonly replayKey: string | null;
  /** for good, past the trash can; for administrators */
  readonly permanent?: boolean;
  /** in the transaction that deletes, once nothing else changes there; throws to delete nothing */
  readonly requires?: (trx: Transaction<Database>, repository: Repository) => Promise<void>;
}

const done: RecordedAnswer = { status: 204, headers: {}, body: null };

/** It was there when the change was prepared, and is not any more. */
class Vanished extends Error {}

/** Deletes a file, or a folder with everything below it: into the trash can, where that is on. @throws ARTIFACT_NOT_FOUND */
export async function remove(content: Content, request: RemoveRequest): Promise<RecordedAnswer> {
  const { session } = content;
  const { principal, repositoryKey, path } = request;
  const folder = path.endsWith('/') ? path : `${path}/`;
  // of a folder each part is looked at when it is known what is in it
  const plain = path.replace(/\/$/, '');
  authorizeOneOf(principal, 'delete', repositoryKey, path, [plain, folder]);
  if (request.permanent === true) requireAdmin(principal);
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  requireRemovable(repository);
  for (let attempt = 1; attempt <= 4; attempt += 1) {
    try {
      if (!path.endsWith('/') && await findFile(session.db, repository.id, path) !== undefined) return await removeFile(content, repository, request);
      if (await folderExists(session.db, repository.id, folder)) return await removeFolder(content, repository, request, folder);
      break;
    } catch (error) {
      if (!(error instanceof Vanished)) throw error;
    }
  }
  // checksum files and computed documents go with what they are made of; build tools delete them one by one all the same
  const derived = sidecarOf(path) !== null || repository.format.computed(repository, path) !== null;
  const late = await earlierAnswer(content, request.replayKey);
  if (late !== undefined) return late;
  if (derived) return done;
  throw artifactNotFound(repositoryKey, path);
}

async function removeFile(content: Content, repository: Repository, request: RemoveRequest): Promise<RecordedAnswer> {
  const { path } = request;
  return removeItem(content, repository, request, path, touchedByFile(repository, path), async (trx) => {
    const blobId = await deleteArtifact(trx, repository.id, path);
    if (blobId === undefined) return 0;
    if (blobId !== null) await addCollectionCandidates(trx, [blobId]);
    // it is asked for anew when somebody wants it
    if (repository.rclass === 'remote') await forgetUpstreamPath(trx, repository.id, path);
    return 1;
  });
}

async function removeFolder(content: Content, repository: Repository, request: RemoveRequest, folder: string): Promise<RecordedAnswer> {
  return removeItem(content, repository, request, folder, touchedByFolder(repository, folder), async (trx) => {
    if (repository.rclass === 'remote') await forgetUpstream(trx, repository.id, folder);
    return (await deleteBelow(trx, repository.id, folder)).rows;
  });
}

/** @param destroy deletes for good; resolves to how many artifacts that were */
async function removeItem(
  { session }: Content, repository: Repository, { principal, replayKey, permanent, requires }: RemoveRequest, path: string, touched: Touched,
  destroy: (trx: Transaction<Database>) => Promise<number>,
): Promise<RecordedAnswer> {
  const trash = permanent === true ? null : await trashFor(session, repository);
  const trashed = `${repository.key}/${path}`;
  const all = trash === null ? touched : together([touched, touchedInTrash(trash, trashed)]);
  return session.coherence.change(all, async () => {
    const { answer } = await commitOnce(session.db, session.incarnation, replayKey, async (trx) => {
      const claimed = { repositoryId: repository.id, path };
      await lockPaths(trx, trash === null ? [claimed] : [claimed, { repositoryId: trash.id, path: trashed }]);
      await requires?.(trx, repository);
      await requireAllDeletable(trx, repository, principal, path);
      const gone = trash === null
        ? await destroy(trx)
        : await moveToTrash(trx, { ...claimed, repositoryKey: repository.key }, trash.id, principal.name);
      if (gone === 0) throw new Vanished();
      return done;
    });
    return answer;
  });
}

/** Whoever may not delete everything in a folder deletes it only when all that is in it now is his to delete. */
async function requireAllDeletable(trx: Transaction<Database>, repository: Repository, principal: RemoveRequest['principal'], path: string): Promise<void> {
  if (!path.endsWith('/') || may(principal, 'delete', repository.key, path)) return;
  const below = await artifactsBelow(trx, repository.id, path);
  authorizeEach(principal, 'delete', repository.key, below.map((artifact) => artifact.path.replace(/\/$/, '')));
}
