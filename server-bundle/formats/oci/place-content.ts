import type { Readable } from 'node:stream';
import type { Transaction } from 'kysely';
import { isBulkheadError } from '../../contract/index.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Database } from '../../metadata/schema.ts';
import { deploy } from '../../repositories/deploy.ts';
import type { Digest } from './names.ts';
import { blobPath } from './paths.ts';
import { located, type Registry, type Scope } from './registry.ts';
import { atMost, digestMismatch, verified } from './verified.ts';

const blobType = 'application/octet-stream';

/** The answer of a push that has put a blob under its digest ("Pushing blobs"). */
export function blobCreated(scope: Scope, digest: Digest): RecordedAnswer {
  return {
    status: 201, body: null,
    headers: { location: located(scope, `blobs/${digest.text}`), 'docker-content-digest': digest.text },
  };
}

/**
 * Stores a whole blob under its digest.
 * @param commit further rows of the same transaction
 * @throws DIGEST_INVALID, BODY_TOO_LARGE; nothing is stored then
 */
export async function placeBlobContent(
  { content, limits }: Registry, scope: Scope, digest: Digest, body: Readable, commit?: (trx: Transaction<Database>) => Promise<void>,
): Promise<RecordedAnswer> {
  const { principal, repositoryKey, replayKey } = scope;
  try {
    return await deploy(content, {
      principal, repositoryKey, replayKey,
      path: blobPath(scope.name, digest),
      declared: { md5: null, sha1: null, sha256: digest.algorithm === 'sha256' ? digest.hex : null },
      packaging: { facts: null, mimeType: blobType, answer: () => blobCreated(scope, digest), ...(commit === undefined ? {} : { commit }) },
    }, verified(atMost(body, limits.maxBlobBytes), digest));
  } catch (error) {
    if (isBulkheadError(error, 'CHECKSUM_MISMATCH')) throw digestMismatch(digest.text, actualOf(error));
    throw error;
  }
}

function actualOf(error: unknown): string {
  const details = (error as { details?: { actual?: unknown } }).details;
  return typeof details?.actual === 'string' ? `sha256:${details.actual}` : '';
}
