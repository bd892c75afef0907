import { BulkheadError } from '../../../contract/index.ts';
import { removeDistTags, setDistTags } from '../../../metadata/npm-dist-tags.ts';
import type { RecordedAnswer } from '../../../metadata/request-results.ts';
import type { Content } from '../../../repositories/content.ts';
import { earlierAnswer } from '../../../repositories/deploy.ts';
import { whileRepositoryChanges } from '../../../repositories/guards.ts';
import { authorize } from '../../../security/authorize.ts';
import { tarballPath } from '../paths.ts';
import { invalid, requireTagName } from '../publication.ts';
import { publishTarget } from './npm-repository.ts';
import { changePackage } from './package-change.ts';
import type { PackageRequest } from './publish.ts';

export interface DistTagChange {
  /** tag → version */
  readonly set: ReadonlyMap<string, string>;
  /** `others`: every tag that is not set goes */
  readonly remove: 'others' | readonly string[];
}

/** Sets and removes tags of a package. @throws ARTIFACT_NOT_FOUND for an unknown package, version or tag; BODY_INVALID */
export async function changeDistTags(content: Content, request: PackageRequest, change: DistTagChange): Promise<RecordedAnswer> {
  const { principal, name, replayKey } = request;
  const target = await publishTarget(content, request.repositoryKey);
  authorize(principal, 'deploy', target.key, tarballPath(name, [...change.set.values()][0] ?? '0.0.0'));
  for (const tag of change.set.keys()) requireTagName(tag);
  if (change.remove !== 'others' && change.remove.includes('latest')) throw invalid('latest', 'this tag cannot be removed, only set to another version');
  const recorded = await earlierAnswer(content, replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const repository = await publishTarget(content, request.repositoryKey);
    return changePackage(content, repository, {
      principal, name, replayKey, revision: null, answer: { ok: true, success: true, id: name },
      effect: async (trx, { tags, versions }) => {
        for (const version of change.set.values()) {
          if (!versions.has(version)) throw new BulkheadError('ARTIFACT_NOT_FOUND', `There is no version ${version.slice(0, 200)} of ${name}`);
        }
        const gone = change.remove === 'others' ? tags.map(({ tag }) => tag).filter((tag) => !change.set.has(tag)) : change.remove;
        for (const tag of gone) {
          if (await removeDistTags(trx, repository.id, name, tag) === 0) throw new BulkheadError('ARTIFACT_NOT_FOUND', `${name} has no tag '${tag.slice(0, 200)}'`);
        }
        await setDistTags(trx, repository.id, name, change.set);
      },
    });
  });
}
