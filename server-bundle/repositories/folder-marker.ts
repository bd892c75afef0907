import { BulkheadError } from '../contract/index.ts';
import { authorize } from '../security/authorize.ts';
import { findArtifact, insertArtifact } from '../metadata/artifacts.ts';
import { commitOnce } from '../metadata/commit-once.ts';
import { folderExists, folderMimeType } from '../metadata/folders.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import { writeProperties } from '../metadata/properties.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { admitFolder } from './admission.ts';
import type { Content } from './content.ts';
import { earlierAnswer, type DeployRequest } from './deploy.ts';
import { requireRoom, requireUnchanged, whileRepositoryChanges } from './guards.ts';
import { itemCreated } from './item-json.ts';
import { deploymentKey } from './members.ts';
import { readRepository } from './repository.ts';

/**
 * Makes a folder (`path` ends in "/") that is there even while it is empty. Nothing cached changes by it.
 * @throws PRECONDITION_FAILED when it is there already and only a new one is wanted
 */
export async function makeFolder(content: Content, request: Omit<DeployRequest, 'declared'> & { readonly onlyNew?: boolean }): Promise<RecordedAnswer> {
  const { session, addresses } = content;
  const { principal, path, replayKey, properties } = request;
  const repositoryKey = await deploymentKey(session.coherence.read, request.repositoryKey);
  authorize(principal, 'deploy', repositoryKey, path);
  const annotates = properties !== undefined && properties.size > 0;
  if (annotates) authorize(principal, 'annotate', repositoryKey, path);
  const recorded = await earlierAnswer(content, replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const repository = await readRepository(session.coherence.read, repositoryKey);
    admitFolder(repository, path);
    const { answer } = await commitOnce(session.db, session.incarnation, replayKey, async (trx) => {
      await lockPaths(trx, [{ repositoryId: repository.id, path }]);
      await requireUnchanged(trx, repository);
      await requireRoom(trx, repository, path);
      if (request.onlyNew === true && await folderExists(trx, repository.id, path)) throw new BulkheadError('PRECONDITION_FAILED', 'There is a folder already');
      const inserted = await insertArtifact(trx, {
        repositoryId: repository.id, path, blobId: null, mimeType: folderMimeType, by: principal.name,
        original: { md5: null, sha1: null, sha256: null }, facts: null,
      });
      const stamps = inserted ?? await findArtifact(trx, repository.id, path);
      if (annotates) await writeProperties(trx, { repositoryId: repository.id, path, below: false }, properties);
      const uri = addresses.artifact(repositoryKey, path);
      const body = {
        repo: repositoryKey, path: `/${path}`, created: stamps?.createdAt.toISOString(), createdBy: stamps?.createdBy,
        downloadUri: uri, checksums: {}, children: [], uri,
      };
      return { status: 201, headers: { location: uri, 'content-type': itemCreated }, body: JSON.stringify(body, null, 2) };
    });
    return answer;
  });
}
