import { authorize } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { deleteArtifact, findFile } from '../metadata/artifacts.ts';
import { addCollectionCandidates } from '../metadata/blobs.ts';
import { commitOnce } from '../metadata/commit-once.ts';
import { deleteBelow, folderExists } from '../metadata/folders.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { artifactNotFound, type Content } from './content.ts';
import { earlierAnswer } from './deploy.ts';
import { readRepository, type Repository } from './repository.ts';
import { sidecarOf } from './sidecar.ts';
import { touchedByFile, touchedByFolder } from './touched.ts';

export interface RemoveRequest {
  readonly principal: Principal;
  readonly repositoryKey: string;
  /** ends in "/" when only a folder is meant */
  readonly path: string;
  readonly replayKey: string | null;
}

const done: RecordedAnswer = { status: 204, headers: {}, body: null };

/** It was there when the change was prepared, and is not any more. */
class Vanished extends Error {}

/** Deletes a file, or a folder with everything below it. @throws ARTIFACT_NOT_FOUND */
export async function remove(content: Content, request: RemoveRequest): Promise<RecordedAnswer> {
  const { session } = content;
  const { principal, repositoryKey, path } = request;
  authorize(principal, 'delete', repositoryKey, path);
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const folder = path.endsWith('/') ? path : `${path}/`;
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

async function removeFile(content: Content, repository: Repository, { path, replayKey }: RemoveRequest): Promise<RecordedAnswer> {
  const { session } = content;
  return session.coherence.change(touchedByFile(repository, path), async () => {
    const { answer } = await commitOnce(session.db, session.incarnation, replayKey, async (trx) => {
      await lockPaths(trx, [{ repositoryId: repository.id, path }]);
      const blobId = await deleteArtifact(trx, repository.id, path);
      if (blobId === undefined) throw new Vanished();
      if (blobId !== null) await addCollectionCandidates(trx, [blobId]);
      return done;
    });
    return answer;
  });
}

async function removeFolder(content: Content, repository: Repository, { replayKey }: RemoveRequest, folder: string): Promise<RecordedAnswer> {
  const { session } = content;
  return session.coherence.change(touchedByFolder(repository, folder), async () => {
    const { answer } = await commitOnce(session.db, session.incarnation, replayKey, async (trx) => {
      await lockPaths(trx, [{ repositoryId: repository.id, path: folder }]);
      if ((await deleteBelow(trx, repository.id, folder)).rows === 0) throw new Vanished();
      return done;
    });
    return answer;
  });
}
