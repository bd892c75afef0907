import type { Readable } from 'node:stream';
import type { Transaction } from 'kysely';
import type { Touched } from '../cluster/ports.ts';
import type { StoredBlob } from '../metadata/blobs.ts';
import type { Database } from '../metadata/schema.ts';
import { authorize } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import type { DeclaredDigests } from '../metadata/artifacts.ts';
import { findRecordedAnswer, type RecordedAnswer } from '../metadata/request-results.ts';
import type { Staged } from '../filestore/index.ts';
import { BulkheadError, isBulkheadError } from '../contract/index.ts';
import { acceptComputed } from './accept-computed.ts';
import { admitFile } from './admission.ts';
import type { Content } from './content.ts';
import { requireDeclared } from './declared-checksums.ts';
import { deploySidecar } from './deploy-sidecar.ts';
import { whileRepositoryChanges } from './guards.ts';
import { deploymentKey } from './members.ts';
import { commitPatiently } from './patience.ts';
import { placeBlob, type Placed } from './place-blob.ts';
import type { Properties } from './properties/property-rules.ts';
import { removeOutlived } from './remove-outlived.ts';
import { readRepository, type Repository } from './repository.ts';
import { sidecarOf } from './sidecar.ts';

/** What a format's own call adds to a deploy; all of it belongs to the same commit. */
export interface Packaging {
  /** kept beside the artifact instead of what the format's `inspect` finds */
  readonly facts?: unknown;
  readonly mimeType?: string;
  /**
   * `refuse`: a path that is taken is ARTIFACT_EXISTS, whatever the right to replace it; `refresh`: a copy of what is elsewhere, which nobody
   * needs a right to replace
   */
  readonly existing?: 'replace' | 'refuse' | 'refresh';
  /** in the transaction, under the path's locks, before anything is changed; throws to deploy nothing */
  readonly requires?: (trx: Transaction<Database>, repository: Repository) => Promise<void>;
  /** cached answers that `commit` changes beyond those of the path */
  readonly touched?: Touched;
  /** further rows, in the same transaction, under the path's locks; may run again after a deadlock */
  readonly commit?: (trx: Transaction<Database>, repository: Repository) => Promise<void>;
  /** the answer in the client's own form; it is what a replay of the request gets */
  readonly answer?: (blob: StoredBlob) => RecordedAnswer;
}

export interface DeployRequest {
  readonly principal: Principal;
  readonly repositoryKey: string;
  readonly path: string;
  readonly declared: DeclaredDigests;
  readonly replayKey: string | null;
  readonly packaging?: Packaging;
  /** set in the same commit; needs the right to annotate */
  readonly properties?: Properties;
}

/**
 * Stores a body at a path. Answers only when the bytes and the commit have outlived a power loss.
 * @throws CHECKSUM_MISMATCH, LAYOUT_VIOLATION, PATH_CONFLICT and what the filestore and the database fail with; nothing is stored then
 */
export async function deploy(content: Content, asked: DeployRequest, body: Readable): Promise<RecordedAnswer> {
  const { session, filestore } = content;
  const request = await deployment(content, asked);
  authorizeDeploy(request);
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  const repository = await readRepository(session.coherence.read, request.repositoryKey);
  admitFile(repository, request.path);

  const sidecar = sidecarOf(request.path);
  const computed = repository.format.computed(repository, request.path);
  if ((sidecar !== null || computed !== null) && request.packaging?.requires !== undefined) throw notStored(request.path);
  if (sidecar !== null) return deploySidecar(content, repository, request.path, sidecar, body);
  if (computed !== null) return acceptComputed(content, request, computed.mimeType, body);

  return deployStaged(content, request, await filestore.stage(session.incarnation, body));
}

/**
 * The same for a body that is staged already (one that came inside another document). Ends the staged file, whatever happens.
 * The caller has looked for an earlier answer (`earlierAnswer`) before it took the body.
 */
export async function deployStaged(content: Content, asked: DeployRequest, staged: Staged): Promise<RecordedAnswer> {
  const { session } = content;
  let placed: Placed | undefined;
  const file = { published: false };
  try {
    let request = asked;
    placed = await commitPatiently(content, staged, async () => {
      request = await deployment(content, asked);
      authorizeDeploy(request);
      requireDeclared(request.declared, staged);
      return whileRepositoryChanges(async () => {
        const current = await readRepository(session.coherence.read, request.repositoryKey);
        admitFile(current, request.path);
        return placeBlob(content, current, request, {
          digests: staged,
          received: staged,
          publish: async () => {
            if (!file.published) await staged.publish();
            file.published = true;
            return staged;
          },
        });
      });
    });
    await removeOutlived(content, request);
    return placed.answer;
  } catch (error) {
    // its transaction may still commit: the file waits for the sweep, which looks its row up
    if (file.published && isBulkheadError(error, 'OUTCOME_UNKNOWN')) placed = { answer: { status: 0, headers: {}, body: null }, fileUsed: 'unsure' };
    throw error;
  } finally {
    await finishStaged(content, staged, placed);
  }
}

function notStored(path: string): BulkheadError {
  return new BulkheadError('HEADER_INVALID', `If-Match is for what is stored, and '${path}' is computed`, { details: { header: 'If-Match' } });
}

function authorizeDeploy({ principal, repositoryKey, path, properties }: DeployRequest): void {
  authorize(principal, 'deploy', repositoryKey, path);
  if (properties !== undefined && properties.size > 0) authorize(principal, 'annotate', repositoryKey, path);
}

/** The request as it is to be carried out: what is deployed to a virtual repository goes to a member. */
async function deployment(content: Content, request: DeployRequest): Promise<DeployRequest> {
  return { ...request, repositoryKey: await deploymentKey(content.session.coherence.read, request.repositoryKey) };
}

/** The answer of the same request, when it has been carried out before. */
export async function earlierAnswer(content: Content, replayKey: string | null): Promise<RecordedAnswer | undefined> {
  return replayKey === null ? undefined : findRecordedAnswer(content.session.db, replayKey);
}

/** Ends a staging file after its commit, or after what was not committed. */
export async function finishStaged(content: Content, staged: Staged, placed: Placed | undefined): Promise<void> {
  if (placed?.fileUsed === 'unsure') return;
  try {
    await (placed?.fileUsed === 'yes' ? staged.release() : staged.discard());
  } catch (error) {
    // the answer stands; what is left is found in the staging folder by the sweep of this incarnation
    content.log.warn({ err: error, sha256: staged.sha256 }, 'a staging file could not be removed');
  }
}

/** @throws CHECKSUM_UNKNOWN when no content with the declared checksum is stored; the client then sends the bytes */
export async function deployByChecksum(content: Content, asked: DeployRequest): Promise<RecordedAnswer> {
  const request = await deployment(content, asked);
  authorizeDeploy(request);
  const { sha256, sha1, md5 } = request.declared;
  if (sha256 === null && sha1 === null && md5 === null) {
    throw new BulkheadError('HEADER_INVALID', 'A checksum deploy needs X-Checksum-Sha256, X-Checksum-Sha1 or X-Checksum-Md5', { details: { header: 'X-Checksum-Deploy' } });
  }
  const recorded = await earlierAnswer(content, request.replayKey);
  if (recorded !== undefined) return recorded;
  return whileRepositoryChanges(async () => {
    const repository = await readRepository(content.session.coherence.read, request.repositoryKey);
    admitFile(repository, request.path);
    if (sidecarOf(request.path) !== null || repository.format.computed(repository, request.path) !== null) throw new BulkheadError('CHECKSUM_UNKNOWN');
    return (await placeBlob(content, repository, request, { digests: { sha256, sha1, md5 }, received: null, publish: null })).answer;
  });
}
