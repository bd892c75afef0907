import { isBulkheadError } from '../../../contract/index.ts';
import { removeDistTags, setDistTags } from '../../../metadata/npm-dist-tags.ts';
import type { RecordedAnswer } from '../../../metadata/request-results.ts';
import { requireLocal } from '../../../repositories/admission.ts';
import type { Content } from '../../../repositories/content.ts';
import { earlierAnswer } from '../../../repositories/deploy.ts';
import { whileRepositoryChanges } from '../../../repositories/guards.ts';
import { remove } from '../../../repositories/remove.ts';
import { authorize } from '../../../security/authorize.ts';
import { isObject } from '../manifest.ts';
import { distTags } from '../packument.ts';
import { tarballPath } from '../paths.ts';
import { requireTagName } from '../publication.ts';
import { setDeprecations, versionsIn } from './change-packument.ts';
import { npmRepository } from './npm-repository.ts';
import { changePackage } from './package-change.ts';
import type { PackageRequest } from './publish.ts';

const done = { ok: true, success: true };

/** `DELETE /{package}/-rev/{revision}`: the package with all its versions. @throws ARTIFACT_NOT_FOUND, REVISION_CONFLICT */
export async function unpublishPackage(content: Content, request: PackageRequest, revision: string): Promise<RecordedAnswer> {
  const { principal, repositoryKey, name, replayKey } = request;
  const folder = `${name}/-/`;
  authorize(principal, 'delete', repositoryKey, folder);
  const recorded = await earlierAnswer(content, replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const repository = await npmRepository(content, repositoryKey);
    requireLocal(repository);
    return changePackage(content, repository, {
      principal, name, replayKey, revision, answer: done,
      removes: () => [folder],
      effect: async (trx) => { await removeDistTags(trx, repository.id, name); },
    });
  });
}

/**
 * `PUT /{package}/-rev/{revision}`: the first half of taking one version back. What the document does not list any more goes, tarball
 * included, in one commit: no index ever names a tarball that is gone.
 * @throws REVISION_CONFLICT: a version that was published meanwhile must not go because the document does not know it
 */
export async function unpublishVersions(content: Content, request: PackageRequest, revision: string, document: unknown): Promise<RecordedAnswer> {
  const { principal, repositoryKey, name, replayKey } = request;
  authorize(principal, 'deploy', repositoryKey, tarballPath(name, '0.0.0'));
  const kept = versionsIn(name, document);
  const tags = tagsIn(document);
  const recorded = await earlierAnswer(content, replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const repository = await npmRepository(content, repositoryKey);
    requireLocal(repository);
    return changePackage(content, repository, {
      principal, name, replayKey, revision, answer: done,
      removes: (state) => [...state.versions].flatMap(([version, { file }]) => (Object.hasOwn(kept, version) ? [] : [file.path])),
      effect: async (trx, state) => {
        await setDeprecations(trx, repository.id, state, kept);
        if (tags === null) return;
        const present = distTags(state);
        for (const { tag } of state.tags) if (!tags.has(tag)) await removeDistTags(trx, repository.id, name, tag);
        await setDistTags(trx, repository.id, name, new Map([...tags].filter(([tag, version]) => present[tag] !== version && Object.hasOwn(kept, version))));
      },
    });
  });
}

/** `DELETE /{package}/-/{file}/-rev/{revision}`: the second half, when there is still something to do. */
export async function unpublishTarball(content: Content, request: PackageRequest, path: string): Promise<RecordedAnswer> {
  const { principal, repositoryKey, replayKey } = request;
  authorize(principal, 'delete', repositoryKey, path);
  await npmRepository(content, repositoryKey);
  try {
    await remove(content, { principal, repositoryKey, path, replayKey });
  } catch (error) {
    if (!isBulkheadError(error, 'ARTIFACT_NOT_FOUND')) throw error;
  }
  return { status: 200, headers: { 'content-type': 'application/json' }, body: JSON.stringify(done) };
}

/** Tags in a packument that a client sends back; null when it says nothing of them. @throws BODY_INVALID */
function tagsIn(document: unknown): Map<string, string> | null {
  const tags = isObject(document) ? document['dist-tags'] : undefined;
  if (!isObject(tags)) return null;
  const entries = Object.entries(tags).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  for (const [tag] of entries) requireTagName(tag);
  return new Map(entries);
}
