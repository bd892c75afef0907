import type { Transaction } from 'kysely';
import { cacheKeys } from '../cluster/cache-keys.ts';
import type { Touched } from '../cluster/ports.ts';
import { BulkheadError } from '../contract/index.ts';
import type { Staged } from '../filestore/index.ts';
import type { InspectedFile } from '../formats/index.ts';
import { insertArtifact, putArtifact, referencesTo, type DeclaredDigests, type NewArtifact } from '../metadata/artifacts.ts';
import { addCollectionCandidates, findLiveBlob, findLiveContent, insertBlob, lockLiveBlobs, replaceGeneration, type StoredBlob } from '../metadata/blobs.ts';
import { commitOnce, type Committed } from '../metadata/commit-once.ts';
import { commitFile } from '../metadata/deploy-file.ts';
import { lockPaths } from '../metadata/path-locks.ts';
import { removeProperties, writeProperties } from '../metadata/properties.ts';
import { findRecordedAnswer, type RecordedAnswer } from '../metadata/request-results.ts';
import type { Database } from '../metadata/schema.ts';
import { authorize, may } from '../security/authorize.ts';
import type { Content } from './content.ts';
import { requireDeclared } from './declared-checksums.ts';
import type { DeployRequest } from './deploy.ts';
import { pathConflict, RepositoryChanged, requireRoom, requireUnchanged } from './guards.ts';
import { fileJson, itemCreated, type DescribedBlob } from './item-json.ts';
import { mediaTypeOf } from './media-type.ts';
import { repositoryNotFound, type Repository } from './repository.ts';
import { storedBytes } from './stored-bytes.ts';
import { together, touchedByFile } from './touched.ts';

/** The bytes of a deploy: received ones, or (checksum deploy) only what they are said to be. */
export interface Source {
  readonly digests: DeclaredDigests;
  /** the received bytes, for a look into them; null when there are none */
  readonly received: InspectedFile | null;
  /** gives the received bytes their final name; null when there are none */
  readonly publish: (() => Promise<Staged>) | null;
}

export interface Placed {
  readonly answer: RecordedAnswer;
  /** whether the blob that was committed is the published file */
  readonly fileUsed: 'yes' | 'no' | 'unsure';
}

/** The path was taken when the insert came: prepare, then overwrite. */
class PathTaken extends Error {}
/** The blob that was found has a tombstone by now, or another live blob of the same content came first. */
export class BlobMoved extends Error {}

export type Chosen =
  | { readonly kind: 'reuse'; readonly blob: StoredBlob }
  | { readonly kind: 'new'; readonly file: Staged }
  | { readonly kind: 'heal'; readonly blob: StoredBlob; readonly file: Staged };

/**
 * Makes `path` refer to the bytes: through a live blob of the same content where there is one, else through a new one.
 * An insert prepares only what is derived from it; an overwrite prepares the path itself as well.
 */
export async function placeBlob(content: Content, repository: Repository, request: DeployRequest, source: Source): Promise<Placed> {
  let overwrite = false;
  for (let attempt = 1; attempt <= 8; attempt += 1) {
    const chosen = await choose(content, source);
    const facts = await factsOf(content, repository, request, source.received ?? storedBytes(content, chosen.kind === 'new' ? chosen.file : chosen.blob));
    const replacing = overwrite && request.packaging?.existing !== 'refresh';
    if (replacing && !repository.format.isMutable(request.path)) {
      // what is there may be what the same request has put there on another node: nobody needs a right to replace that
      const own = may(request.principal, 'delete', repository.key, request.path) ? undefined : await recordedTwin(content, request);
      if (own !== undefined) return { answer: own, fileUsed: 'no' };
      authorize(request.principal, 'delete', repository.key, request.path);
    }
    const touched = await touchedBy(content, repository, request, chosen, overwrite);
    const commit = (): Promise<Placed> => place(content, repository, request, chosen, { overwrite, facts });
    try {
      return touched.keys.length === 0 && (touched.prefixes ?? []).length === 0 ? await commit() : await content.session.coherence.change(touched, commit);
    } catch (error) {
      if (error instanceof PathTaken) {
        if (request.packaging?.existing === 'refuse') return { answer: await answerOfTwin(content, repository, request), fileUsed: 'no' };
        overwrite = true;
      }
      else if (!(error instanceof BlobMoved)) throw error;
    }
  }
  throw new BulkheadError('OVERLOADED', 'Too many changes of the same content at once');
}

/** The path was taken by the same request on another node, or by another one. @throws ARTIFACT_EXISTS */
async function answerOfTwin(content: Content, repository: Repository, request: DeployRequest): Promise<RecordedAnswer> {
  const recorded = await recordedTwin(content, request);
  if (recorded === undefined) throw new BulkheadError('ARTIFACT_EXISTS', `${repository.key}/${request.path} is there already`);
  return recorded;
}

/** What the same request was answered on another node. */
async function recordedTwin({ session }: Content, { replayKey }: DeployRequest): Promise<RecordedAnswer | undefined> {
  return replayKey === null ? undefined : findRecordedAnswer(session.db, replayKey);
}

export async function choose(content: Content, source: Source): Promise<Chosen> {
  const live = await findSource(content, source.digests);
  if (live !== undefined) {
    if (source.publish === null) requireDeclared(source.digests, live);
    // a row proves nothing about the file: look before the own copy is given up
    if (await content.filestore.stat(live) === live.size) return { kind: 'reuse', blob: live };
  }
  if (source.publish === null) throw new BulkheadError('CHECKSUM_UNKNOWN');
  const file = await source.publish();
  return live === undefined ? { kind: 'new', file } : { kind: 'heal', blob: live, file };
}

async function factsOf(content: Content, repository: Repository, { packaging, path }: DeployRequest, file: InspectedFile): Promise<unknown> {
  if (packaging !== undefined && 'facts' in packaging) return packaging.facts;
  return await repository.format.inspect?.(repository, path, file) ?? null;
}

async function findSource(content: Content, { sha256, sha1, md5 }: DeclaredDigests): Promise<StoredBlob | undefined> {
  const { db } = content.session;
  if (sha256 !== null) return findLiveContent(db, sha256);
  if (sha1 !== null) return findLiveBlob(db, 'sha1', sha1);
  return md5 === null ? undefined : findLiveBlob(db, 'md5', md5);
}

async function touchedBy(content: Content, repository: Repository, request: DeployRequest, chosen: Chosen, overwrite: boolean): Promise<Touched> {
  const own: Touched = overwrite ? touchedByFile(repository, request.path) : { keys: repository.format.touches(repository, request.path) };
  const wanted = together([own, request.packaging?.touched ?? { keys: [] }]);
  if (chosen.kind !== 'heal') return wanted;
  const referring = await referencesTo(content.session.db, chosen.blob.id);
  return together([wanted, { keys: referring.map((each) => cacheKeys.artifact(each.repositoryId, each.path)) }]);
}

interface Placing { readonly overwrite: boolean; readonly facts: unknown }

async function place(content: Content, repository: Repository, request: DeployRequest, chosen: Chosen, { overwrite, facts }: Placing): Promise<Placed> {
  const { answer, madeBy } = await (!overwrite && isPlain(request) && chosen.kind !== 'heal'
    ? placePlain(content, repository, request, chosen, facts)
    : placeWithMore(content, repository, request, chosen, { overwrite, facts }));
  if (chosen.kind === 'reuse' || madeBy === 'another') return { answer, fileUsed: 'no' };
  return { answer, fileUsed: madeBy === 'us' ? 'yes' : 'unsure' };
}

/** Nothing but a file is written, and the answer is the usual one. */
function isPlain({ packaging, properties }: DeployRequest): boolean {
  return packaging?.commit === undefined && packaging?.requires === undefined && packaging?.answer === undefined && (properties === undefined || properties.size === 0);
}

/** A file at a path where nothing is: one statement. */
function placePlain(content: Content, repository: Repository, request: DeployRequest, chosen: Exclude<Chosen, { kind: 'heal' }>, facts: unknown): Promise<Committed> {
  const { session } = content;
  const { path } = request;
  const blob = chosen.kind === 'new' ? chosen.file : chosen.blob;
  const artifact = { path, mimeType: request.packaging?.mimeType ?? mediaTypeOf(path), by: request.principal.name, original: request.declared, facts };
  return commitFile(session.db, session.incarnation, request.replayKey, {
    repository, artifact,
    blob: chosen.kind === 'new' ? chosen.file : { id: chosen.blob.id, sha256: chosen.blob.sha256 },
    answer: (createdAt) => created(content, repository, artifact, blob, { createdAt, createdBy: artifact.by }),
  }, (reason) => {
    switch (reason.why) {
      case 'repository-gone': return repositoryNotFound(repository.key);
      case 'repository-changed': return new RepositoryChanged();
      case 'path-conflict': return pathConflict(repository, path, reason.conflict);
      case 'path-taken': return new PathTaken();
      case 'blob-moved': return new BlobMoved();
    }
  });
}

/** The general way: a statement for each thing that goes into the commit. */
function placeWithMore(content: Content, repository: Repository, request: DeployRequest, chosen: Chosen, { overwrite, facts }: Placing): Promise<Committed> {
  const { session } = content;
  const { packaging } = request;
  return commitOnce(session.db, session.incarnation, request.replayKey, async (trx) => {
    await lockPaths(trx, [{ repositoryId: repository.id, path: request.path }]);
    await requireUnchanged(trx, repository);
    await packaging?.requires?.(trx, repository);
    await requireRoom(trx, repository, request.path);
    const blob = await claimBlob(trx, chosen);
    const artifact: NewArtifact = {
      repositoryId: repository.id, path: request.path, blobId: blob.id, mimeType: packaging?.mimeType ?? mediaTypeOf(request.path),
      by: request.principal.name, original: request.declared, facts,
    };
    const stamps = overwrite ? await overwriteArtifact(trx, artifact) : await addArtifact(trx, artifact);
    await annotateDeployed(trx, repository, request, stamps.replacedBlobId);
    await packaging?.commit?.(trx, repository);
    return packaging?.answer?.(blob) ?? created(content, repository, artifact, blob, stamps);
  });
}

export async function claimBlob(trx: Transaction<Database>, chosen: Chosen): Promise<StoredBlob> {
  if (chosen.kind === 'new') {
    const inserted = await insertBlob(trx, chosen.file);
    if (inserted === undefined) throw new BlobMoved();
    return inserted;
  }
  if (chosen.kind === 'heal' && !await replaceGeneration(trx, chosen.blob.id, chosen.blob.generation, chosen.file.generation)) throw new BlobMoved();
  const live = await lockLiveBlobs(trx, [chosen.blob.id]);
  if (!live.has(chosen.blob.id)) throw new BlobMoved();
  return chosen.blob;
}

/** Other content under a path that is not meant to be replaced is another artifact: what was said of the old one does not hold for it. */
export async function annotateDeployed(trx: Transaction<Database>, repository: Repository, { path, properties }: Pick<DeployRequest, 'path' | 'properties'>, replacedBlobId: number | null): Promise<void> {
  const scope = { repositoryId: repository.id, path, below: false };
  if (replacedBlobId !== null && !repository.format.isMutable(path)) await removeProperties(trx, scope, null);
  if (properties !== undefined) await writeProperties(trx, scope, properties);
}

type Put = Awaited<ReturnType<typeof putArtifact>>;

async function addArtifact(trx: Transaction<Database>, artifact: NewArtifact): Promise<Put> {
  const stamps = await insertArtifact(trx, artifact);
  if (stamps === undefined) throw new PathTaken();
  return { ...stamps, replacedBlobId: null };
}

export async function overwriteArtifact(trx: Transaction<Database>, artifact: NewArtifact): Promise<Put> {
  const put = await putArtifact(trx, artifact);
  if (put.replacedBlobId !== null) await addCollectionCandidates(trx, [put.replacedBlobId]);
  return put;
}

function created(
  content: Content, repository: Repository, artifact: Pick<NewArtifact, 'path' | 'mimeType' | 'original'>, blob: DescribedBlob, stamps: { createdAt: Date; createdBy: string },
): RecordedAnswer & { readonly body: string } {
  const { path, mimeType, original } = artifact;
  const item = fileJson(content.addresses, repository.key, { path, mimeType, original, blob, createdAt: stamps.createdAt, createdBy: stamps.createdBy });
  return { status: 201, headers: { location: item.downloadUri, 'content-type': itemCreated }, body: JSON.stringify(item, null, 2) };
}
