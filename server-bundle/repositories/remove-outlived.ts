import { deleteArtifact } from '../metadata/artifacts.ts';
import { addCollectionCandidates } from '../metadata/blobs.ts';
import { committed } from '../metadata/committed.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import type { Content } from './content.ts';
import type { DeployRequest } from './deploy.ts';
import { readRepository } from './repository.ts';
import { together, touchedByFile } from './touched.ts';

/**
 * Removes what a repository does not keep any more after a deploy (old builds of a snapshot), for good. The deploy stands whatever becomes
 * of it: what could not be removed is removed after the next one.
 */
export async function removeOutlived({ session, log }: Content, { repositoryKey, path }: Pick<DeployRequest, 'repositoryKey' | 'path'>): Promise<void> {
  try {
    const repository = await readRepository(session.coherence.read, repositoryKey);
    if (repository.format.outlived === undefined) return;
    const paths = await repository.format.outlived(session.db, repository, path);
    if (paths.length === 0) return;
    await session.coherence.change(together(paths.map((each) => touchedByFile(repository, each))), () => committed(session, async (trx) => {
      await lockPaths(trx, paths.map((each) => ({ repositoryId: repository.id, path: each })));
      for (const each of paths) {
        const blobId = await deleteArtifact(trx, repository.id, each);
        if (typeof blobId === 'number') await addCollectionCandidates(trx, [blobId]);
      }
    }));
  } catch (error) {
    log.warn({ err: error, repository: repositoryKey, path }, 'outlived files could not be removed');
  }
}
