import type { Transaction } from 'kysely';
import type { Reader } from '../../cluster/ports.ts';
import { BulkheadError } from '../../contract/index.ts';
import { deleteArtifact, findFile } from '../../metadata/artifacts.ts';
import { addCollectionCandidates } from '../../metadata/blobs.ts';
import { commitOnce } from '../../metadata/commit-once.ts';
import { tagPathsOf } from '../../metadata/oci-content.ts';
import { lockPaths } from '../../metadata/path-locks.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Database } from '../../metadata/schema.ts';
import { earlierAnswer } from '../../repositories/deploy.ts';
import type { Repository } from '../../repositories/repository.ts';
import { together, touchedByFile } from '../../repositories/touched.ts';
import { authorize } from '../../security/authorize.ts';
import type { Digest, Reference } from './names.ts';
import { blobPath, manifestPath, tagFile, tagPath } from './paths.ts';
import { registryRepository, type Registry, type Scope } from './registry.ts';
import { ociSettings } from './settings.ts';

const accepted: RecordedAnswer = { status: 202, headers: {}, body: null };

/** Something came to point at the manifest after its deletion was prepared. */
class MorePaths extends Error {}

/** "Deleting tags", "Deleting Manifests": a manifest takes the tags along that point at it. @throws MANIFEST_UNKNOWN, DELETE_DISABLED */
export async function deleteManifest(registry: Registry, scope: Scope, reference: Reference | null, asked: string): Promise<RecordedAnswer> {
  const unknown = (): BulkheadError => new BulkheadError('MANIFEST_UNKNOWN', undefined, { details: { reference: asked.slice(0, 200) } });
  const { name } = scope;
  if (reference === null) throw unknown();
  if (reference.kind === 'tag') return deletePath(registry, scope, tagPath(name, reference.tag), unknown);
  return deletePath(registry, scope, manifestPath(name, reference.digest), unknown, (repositoryId, blobId, db) => tagPathsOf(db, repositoryId, name, blobId, tagFile));
}

/** "Deleting Blobs". What manifests still name goes as well: so the specification wants it. @throws BLOB_UNKNOWN, DELETE_DISABLED */
export async function deleteBlob(registry: Registry, scope: Scope, digest: Digest): Promise<RecordedAnswer> {
  return deletePath(registry, scope, blobPath(scope.name, digest), () => new BulkheadError('BLOB_UNKNOWN', undefined, { details: { digest: digest.text } }));
}

type Further = (repositoryId: number, blobId: number, db: Reader) => Promise<string[]>;

/** @param further what goes together with the path */
async function deletePath(
  registry: Registry, scope: Scope, path: string, unknown: () => BulkheadError, further: Further = async () => [],
): Promise<RecordedAnswer> {
  const { content } = registry;
  const { session } = content;
  const { principal, repositoryKey, replayKey } = scope;
  authorize(principal, 'delete', repositoryKey, path);
  const recorded = await earlierAnswer(content, replayKey);
  if (recorded !== undefined) return recorded;
  const repository = await registryRepository(registry, repositoryKey);
  // what a remote repository keeps is deleted where copies are: this call would promise more
  if (repository.rclass !== 'local' || !ociSettings.parse(repository.config).allowDeletes) throw new BulkheadError('DELETE_DISABLED', undefined, { details: { allow: 'GET, HEAD, PUT' } });
  for (let attempt = 1; attempt <= 5; attempt += 1) {
    const file = await findFile(session.db, repository.id, path);
    if (file === undefined) return lateAnswer(registry, scope, unknown);
    const paths = [path, ...await further(repository.id, file.blob.id, session.db)];
    for (const each of paths) authorize(principal, 'delete', repositoryKey, each);
    try {
      return await deletePaths(registry, repository, replayKey, paths, async (trx) => {
        const now = await findFile(trx, repository.id, path);
        if (now?.blob.id !== file.blob.id) throw new MorePaths();
        const present = await further(repository.id, now.blob.id, trx);
        if (present.some((each) => !paths.includes(each))) throw new MorePaths();
      });
    } catch (error) {
      if (!(error instanceof MorePaths)) throw error;
    }
  }
  throw new BulkheadError('OVERLOADED', 'Too many changes of the same manifest at once');
}

/** The same request may have been carried out by another node in this very moment. */
async function lateAnswer({ content }: Registry, { replayKey }: Scope, unknown: () => BulkheadError): Promise<RecordedAnswer> {
  const late = await earlierAnswer(content, replayKey);
  if (late === undefined) throw unknown();
  return late;
}

async function deletePaths(
  { content }: Registry, repository: Repository, replayKey: string | null, paths: readonly string[], check: (trx: Transaction<Database>) => Promise<void>,
): Promise<RecordedAnswer> {
  const { session } = content;
  return session.coherence.change(together(paths.map((path) => touchedByFile(repository, path))), async () => {
    const { answer } = await commitOnce(session.db, session.incarnation, replayKey, async (trx) => {
      await lockPaths(trx, paths.map((path) => ({ repositoryId: repository.id, path })));
      await check(trx);
      const blobIds: number[] = [];
      for (const path of paths) {
        const blobId = await deleteArtifact(trx, repository.id, path);
        if (typeof blobId === 'number') blobIds.push(blobId);
      }
      await addCollectionCandidates(trx, blobIds);
      return accepted;
    });
    return answer;
  });
}
