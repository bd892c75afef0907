import type { Transaction } from 'kysely';
import { findFile } from '../../metadata/artifacts.ts';
import { commitOnce } from '../../metadata/commit-once.ts';
import { folderExists, markFolders } from '../../metadata/folders.ts';
import { lockPaths } from '../../metadata/path-locks.ts';
import { itemWithMoreThan, removeProperties, writeProperties, type PropertyScope } from '../../metadata/properties.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Database } from '../../metadata/schema.ts';
import { authorize } from '../../security/authorize.ts';
import type { Principal } from '../../security/principal.ts';
import { artifactNotFound, type Content } from '../content.ts';
import { earlierAnswer } from '../deploy.ts';
import { requireUnchanged, whileRepositoryChanges } from '../guards.ts';
import { readRepository, type Repository } from '../repository.ts';
import { invalid, maxPropertiesOfItem, type Properties } from './property-rules.ts';

/** A change of the properties of an item, or of a folder and everything in it. */
export interface Annotation {
  readonly principal: Principal;
  readonly repositoryKey: string;
  /** a file or a folder; ends in "/" when only a folder is meant */
  readonly path: string;
  /** of a folder: everything in it as well */
  readonly recursive: boolean;
  /** replace what the items have under these names */
  readonly set: Properties;
  /** names that go */
  readonly remove: readonly string[];
  readonly replayKey: string | null;
}

const done: RecordedAnswer = { status: 204, headers: {}, body: null };

/**
 * Changes properties in one transaction: all items get them, or none. Properties are never cached, so nothing has to be prepared.
 * @throws ARTIFACT_NOT_FOUND, PROPERTY_INVALID when an item would have too many
 */
export async function annotate(content: Content, annotation: Annotation): Promise<RecordedAnswer> {
  const { session } = content;
  const { principal, repositoryKey, path } = annotation;
  authorize(principal, 'annotate', repositoryKey, path === '' ? path : path.replace(/\/$/, ''));
  const recorded = await earlierAnswer(content, annotation.replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const repository = await readRepository(session.coherence.read, repositoryKey);
    const { answer } = await commitOnce(session.db, session.incarnation, annotation.replayKey, async (trx) => {
      await lockPaths(trx, [{ repositoryId: repository.id, path: path.replace(/\/$/, '') }]);
      await requireUnchanged(trx, repository);
      await apply(trx, repository, annotation);
      return done;
    });
    return answer;
  });
}

async function apply(trx: Transaction<Database>, repository: Repository, annotation: Annotation): Promise<void> {
  const { set, remove, principal } = annotation;
  const scope = await scopeOf(trx, repository, annotation);
  // whoever named a folder without its slash needs the right on everything in it all the same
  authorize(principal, 'annotate', repository.key, scope.path);
  if (remove.length > 0) await removeProperties(trx, scope, remove);
  if (set.size === 0) return;
  if (scope.path.endsWith('/')) await markFolders(trx, repository.id, scope.path, scope.below, principal.name);
  await writeProperties(trx, scope, set);
  const crowded = await itemWithMoreThan(trx, scope, maxPropertiesOfItem);
  if (crowded !== undefined) throw invalid([...set.keys()][0] ?? '', `${repository.key}/${crowded} would have more than ${String(maxPropertiesOfItem)} values`);
}

async function scopeOf(trx: Transaction<Database>, repository: Repository, { principal, path, recursive }: Annotation): Promise<PropertyScope> {
  const file = path.endsWith('/') ? undefined : await findFile(trx, repository.id, path);
  if (file !== undefined) return { repositoryId: repository.id, path, below: false };
  const folder = path.endsWith('/') ? path : `${path}/`;
  if (!await folderExists(trx, repository.id, folder)) throw artifactNotFound(repository.key, path);
  if (recursive) authorize(principal, 'annotate', repository.key, folder);
  return { repositoryId: repository.id, path: folder, below: recursive };
}
