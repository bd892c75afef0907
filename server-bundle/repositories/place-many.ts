import type { Transaction } from 'kysely';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import type { Staged } from '../filestore/index.ts';
import { findFile, referencesTo } from '../metadata/artifacts.ts';
import type { StoredBlob } from '../metadata/blobs.ts';
import { commitOnce } from '../metadata/commit-once.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import type { Database } from '../metadata/schema.ts';
import { authorize } from '../security/authorize.ts';
import type { Content } from './content.ts';
import type { DeployRequest } from './deploy.ts';
import { requireRoom, requireUnchanged } from './guards.ts';
import { mediaTypeOf } from './media-type.ts';
import { annotateDeployed, BlobMoved, choose, claimBlob, overwriteArtifact, type Chosen } from './place-blob.ts';
import type { Repository } from './repository.ts';
import { together, touchedByFolder } from './touched.ts';

/** A received file and where it is to be. */
export interface FileToPlace {
  readonly path: string;
  readonly staged: Staged;
}

export interface ManyPlaced {
  readonly answer: RecordedAnswer;
  /** the staged files that became blobs; `unsure`: which of them did cannot be told any more */
  readonly used: ReadonlySet<Staged> | 'unsure';
}

/** A deploy of many files. */
export interface DeployOfMany extends Omit<DeployRequest, 'path' | 'declared' | 'packaging'> {
  /** a path that is taken is ARTIFACT_EXISTS, and nothing is deployed */
  readonly onlyNew?: boolean;
}

/** Up to so many files are locked one by one; above, the folder that holds them all. */
const lockedOneByOne = 200;
/** Files published at the same time. */
const publishedAtOnce = 8;

/**
 * Makes many paths refer to received bytes in one transaction: all of them, or none.
 * @param folder holds all paths; ends in "/", or is empty
 * @param answer of the whole
 */
export async function placeMany(
  content: Content, repository: Repository, request: DeployOfMany, folder: string, files: readonly FileToPlace[], answer: RecordedAnswer,
): Promise<ManyPlaced> {
  const { session } = content;
  const sources = new Map(files.map(({ staged }) => [staged.sha256, staged]));
  const published = new Set<Staged>();
  const facts = new Map<string, unknown>();
  for (const { path, staged } of files) facts.set(path, await repository.format.inspect?.(repository, path, staged) ?? null);
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const chosen = await chooseAll(content, [...sources.values()], published);
    const touched = together([touchedByFolder(repository, folder), await healed(content, [...chosen.values()])]);
    try {
      return await session.coherence.change(touched, async () => {
        const committed = await commitOnce(session.db, session.incarnation, request.replayKey, async (trx) => {
          await lockPaths(trx, files.length <= lockedOneByOne ? files.map(({ path }) => ({ repositoryId: repository.id, path })) : [{ repositoryId: repository.id, path: folder }]);
          await requireUnchanged(trx, repository);
          const blobs = await claimAll(trx, chosen);
          for (const { path, staged } of files) await put(trx, repository, { ...request, path }, blobs.get(staged.sha256), facts.get(path));
          return answer;
        });
        return { answer: committed.answer, used: usedBy(committed.madeBy, chosen, sources) };
      });
    } catch (error) {
      if (!(error instanceof BlobMoved)) throw error;
    }
  }
  throw new BulkheadError('OVERLOADED', 'Too many changes of the same content at once');
}

async function chooseAll(content: Content, sources: readonly Staged[], published: Set<Staged>): Promise<Map<string, Chosen>> {
  const chosen = new Map<string, Chosen>();
  for (let at = 0; at < sources.length; at += publishedAtOnce) {
    await Promise.all(sources.slice(at, at + publishedAtOnce).map(async (staged) => {
      const publish = async (): Promise<Staged> => {
        if (!published.has(staged)) await staged.publish();
        published.add(staged);
        return staged;
      };
      chosen.set(staged.sha256, await choose(content, { digests: staged, received: staged, publish }));
    }));
  }
  return chosen;
}

async function healed(content: Content, chosen: readonly Chosen[]): Promise<Touched> {
  const blobs = chosen.flatMap((each) => (each.kind === 'heal' ? [each.blob.id] : []));
  const referring = await Promise.all(blobs.map((id) => referencesTo(content.session.db, id)));
  return { keys: referring.flat().map(({ repositoryId, path }) => cacheKeys.artifact(repositoryId, path)) };
}

/** In the order of their digests, as everybody locks blobs. */
async function claimAll(trx: Transaction<Database>, chosen: ReadonlyMap<string, Chosen>): Promise<Map<string, StoredBlob>> {
  const claimed = new Map<string, StoredBlob>();
  for (const [sha256, each] of [...chosen].sort(([a], [b]) => (a < b ? -1 : 1))) claimed.set(sha256, await claimBlob(trx, each));
  return claimed;
}

async function put(
  trx: Transaction<Database>, repository: Repository, request: DeployOfMany & { readonly path: string }, blob: StoredBlob | undefined, facts: unknown,
): Promise<void> {
  const { path, principal } = request;
  if (blob === undefined) throw new BulkheadError('INTERNAL', 'A file has no blob');
  await requireRoom(trx, repository, path);
  if ((request.onlyNew === true || !repository.format.isMutable(path)) && await findFile(trx, repository.id, path) !== undefined) {
    if (request.onlyNew === true) throw new BulkheadError('ARTIFACT_EXISTS', `${repository.key}/${path} is there already`);
    authorize(principal, 'delete', repository.key, path);
  }
  const { replacedBlobId } = await overwriteArtifact(trx, {
    repositoryId: repository.id, path, blobId: blob.id, mimeType: mediaTypeOf(path), by: principal.name, original: { md5: null, sha1: null, sha256: null }, facts,
  });
  await annotateDeployed(trx, repository, request, replacedBlobId);
}

function usedBy(madeBy: 'us' | 'another' | 'unsure', chosen: ReadonlyMap<string, Chosen>, sources: ReadonlyMap<string, Staged>): ManyPlaced['used'] {
  if (madeBy === 'unsure') return 'unsure';
  if (madeBy === 'another') return new Set();
  return new Set([...sources].flatMap(([sha256, staged]) => (chosen.get(sha256)?.kind === 'reuse' ? [] : [staged])));
}
