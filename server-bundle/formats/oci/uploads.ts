import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { BulkheadError, isBulkheadError } from '../../contract/index.ts';
import { committed } from '../../metadata/committed.ts';
import {
  beginUpload, continueUpload, endUpload, findUpload, piecesOf, piecesSoFar, type Upload, type UploadPiece,
} from '../../metadata/oci-uploads.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import { earlierAnswer } from '../../repositories/deploy.ts';
import { authorize } from '../../security/authorize.ts';
import { parseChunkRange, receivedRange } from './content-range.ts';
import type { Digest } from './names.ts';
import { placeBlobContent } from './place-content.ts';
import { located, registryRepository, type Registry, type Scope } from './registry.ts';
import { atMost } from './verified.ts';

/*
 * An upload is a row, and a file for each chunk that was acknowledged, so that any node takes the next step and a node that dies takes nothing
 * with it. Finishing writes all of it once more, to a file that nobody else has ever had open: a handler that wakes up late cannot change what
 * was published.
 */

export interface ChunkRequest {
  readonly scope: Scope;
  readonly uploadId: string;
  /** `Content-Range` as it was sent */
  readonly range: string | undefined;
  /** `Content-Length`; null when only the end of the body tells */
  readonly length: number | null;
  readonly body: Readable;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** "Pushing a blob": POST. @throws UPLOADS_EXHAUSTED */
export async function startUpload(registry: Registry, scope: Scope): Promise<RecordedAnswer> {
  const { content, limits } = registry;
  requireDeploy(scope);
  const repository = await registryRepository(registry, scope.repositoryKey);
  const id = randomUUID();
  await committed(content.session, async (trx) => {
    const begun = await beginUpload(trx, { id, repositoryId: repository.id, name: scope.name, createdBy: scope.principal.name }, limits.maxUploads);
    if (!begun) throw new BulkheadError('UPLOADS_EXHAUSTED');
  });
  const least: Record<string, string> = limits.chunkMinBytes > 0 ? { 'oci-chunk-min-length': String(limits.chunkMinBytes) } : {};
  return { status: 202, headers: { ...progress(scope, id, 0), ...least }, body: null };
}

/** "Pushing a blob in chunks": GET. */
export async function uploadStatus(registry: Registry, scope: Scope, uploadId: string): Promise<RecordedAnswer> {
  const upload = await requireUpload(registry, scope, uploadId);
  return { status: 204, headers: progress(scope, upload.id, upload.received), body: null };
}

/** "Pushing a blob in chunks": PATCH, with a range or as one stream. @throws BLOB_UPLOAD_RANGE, SIZE_INVALID */
export async function uploadChunk(registry: Registry, request: ChunkRequest): Promise<RecordedAnswer> {
  const { content, limits } = registry;
  const { session, filestore } = content;
  const upload = await requireUpload(registry, request.scope, request.uploadId);
  const size = expectedSize(request, upload);
  await requireOneMore(registry, upload);
  const kept = await filestore.keepPiece(session.incarnation, upload.id, atMost(request.body, limits.maxBlobBytes - upload.received));
  try {
    requireSize(size, kept.size);
    const piece = { position: upload.received, size: kept.size, file: kept.file };
    if (kept.size > 0 && !await committed(session, (trx) => continueUpload(trx, upload.id, piece))) {
      // somebody else's chunk came first, or it is over
      throw outOfOrder(request.scope, await requireUpload(registry, request.scope, upload.id));
    }
  } catch (error) {
    // its row may still appear: the file goes with the upload then
    if (!isBulkheadError(error, 'OUTCOME_UNKNOWN')) await discard(registry, [kept]);
    throw error;
  }
  if (kept.size === 0) await discard(registry, [kept]);
  return { status: 202, headers: progress(request.scope, upload.id, upload.received + kept.size), body: null };
}

/** "Pushing a blob monolithically", and the end of one in chunks: PUT with what is left of the bytes. @throws DIGEST_INVALID: the upload is over then */
export async function finishUpload(registry: Registry, request: ChunkRequest, digest: Digest): Promise<RecordedAnswer> {
  const { content } = registry;
  const { session } = content;
  requireDeploy(request.scope);
  const recorded = await earlierAnswer(content, request.scope.replayKey);
  if (recorded !== undefined) return recorded;
  const upload = await requireUpload(registry, request.scope, request.uploadId);
  const size = expectedSize(request, upload);
  const pieces = await piecesOf(session.db, upload.id);
  try {
    const answer = await placeBlobContent(registry, request.scope, digest, joined(registry, pieces, request.body, size), async (trx) => {
      if (!await endUpload(trx, upload.id, upload.received)) throw new BulkheadError('BLOB_UPLOAD_UNKNOWN');
    });
    await discard(registry, pieces);
    return answer;
  } catch (error) {
    if (isBulkheadError(error, 'DIGEST_INVALID')) await end(registry, upload);
    throw error;
  }
}

/** DELETE of an upload: nothing of it stays. */
export async function cancelUpload(registry: Registry, scope: Scope, uploadId: string): Promise<RecordedAnswer> {
  await end(registry, await requireUpload(registry, scope, uploadId));
  return { status: 204, headers: {}, body: null };
}

async function end(registry: Registry, upload: Upload): Promise<void> {
  const { session } = registry.content;
  const pieces = await piecesOf(session.db, upload.id);
  await committed(session, (trx) => endUpload(trx, upload.id, null));
  await discard(registry, pieces);
}

/** What cannot be removed now is found by the sweep: nothing names it any more. */
async function discard({ content }: Registry, pieces: readonly { readonly file: string }[]): Promise<void> {
  for (const { file } of pieces) {
    await content.filestore.removePiece(file).catch((error: unknown) => { content.log.warn({ err: error, file }, 'a piece of an upload could not be removed'); });
  }
}

/** All bytes of a blob in their order. */
function joined({ content }: Registry, pieces: readonly UploadPiece[], body: Readable, bodySize: number | null): Readable {
  return Readable.from((async function* all(): AsyncGenerator<Buffer> {
    for (const { file } of pieces) {
      const stream = await content.filestore.openPiece(file);
      if (stream === null) throw new BulkheadError('BLOB_UPLOAD_UNKNOWN', 'A part of the upload is gone');
      yield* stream as AsyncIterable<Buffer>;
    }
    let size = 0;
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      size += chunk.length;
      yield chunk;
    }
    requireSize(bodySize, size);
  })(), { objectMode: false });
}

/** How many bytes the body has to have, if the request says so. @throws BLOB_UPLOAD_RANGE for a range that is not the next one */
function expectedSize({ scope, range, length }: ChunkRequest, upload: Upload): number | null {
  if (range === undefined) return length;
  const parsed = parseChunkRange(range);
  if (parsed?.start !== upload.received) throw outOfOrder(scope, upload);
  const size = parsed.end - parsed.start + 1;
  if (length !== null) requireSize(size, length);
  return size;
}

/**
 * Each chunk is a file and a row until the upload is finished. One that is smaller than clients were asked for can only be the last, which nobody
 * knows before another one comes.
 */
async function requireOneMore({ content, limits }: Registry, upload: Upload): Promise<void> {
  if (upload.received === 0) return;
  const { count, smallest } = await piecesSoFar(content.session.db, upload.id);
  if (count >= limits.maxChunks) {
    throw new BulkheadError('SIZE_INVALID', `An upload has ${String(limits.maxChunks)} chunks at most`, { details: { maxChunks: limits.maxChunks }, hint: 'Send larger chunks, or the rest with the request that finishes the upload.' });
  }
  if (smallest !== null && smallest < limits.chunkMinBytes) {
    throw new BulkheadError('SIZE_INVALID', `A chunk of ${String(smallest)} bytes came before: only the last one may have less than ${String(limits.chunkMinBytes)}`,
      { details: { chunkMinBytes: limits.chunkMinBytes }, hint: 'Begin anew with chunks of at least OCI-Chunk-Min-Length bytes.' });
  }
}

function requireSize(declared: number | null, actual: number): void {
  if (declared !== null && declared !== actual) {
    throw new BulkheadError('SIZE_INVALID', `The range has ${String(declared)} bytes, the body ${String(actual)}`, { details: { declared, actual } });
  }
}

function outOfOrder(scope: Scope, upload: Upload): BulkheadError {
  return new BulkheadError('BLOB_UPLOAD_RANGE', undefined, { details: { headers: progress(scope, upload.id, upload.received) } });
}

/** @throws BLOB_UPLOAD_UNKNOWN, also for one of somebody else or under another name */
async function requireUpload(registry: Registry, scope: Scope, id: string): Promise<Upload> {
  requireDeploy(scope);
  const repository = await registryRepository(registry, scope.repositoryKey);
  const upload = uuid.test(id) ? await findUpload(registry.content.session.db, id) : undefined;
  if (upload?.repositoryId !== repository.id || upload.name !== scope.name || upload.createdBy !== scope.principal.name) {
    throw new BulkheadError('BLOB_UPLOAD_UNKNOWN', undefined, { details: { uploadId: id.slice(0, 100) } });
  }
  return upload;
}

function requireDeploy({ principal, repositoryKey, name }: Scope): void {
  authorize(principal, 'deploy', repositoryKey, `${name}/_blobs/upload`);
}

function progress(scope: Scope, id: string, received: number): Record<string, string> {
  return { location: located(scope, `blobs/uploads/${id}`), range: receivedRange(received), 'docker-upload-uuid': id };
}

