import type { Readable } from 'node:stream';
import { cacheKeys } from '../cluster/cache-keys.ts';
import { BulkheadError } from '../contract/index.ts';
import { findFile, recordDeclaredDigest } from '../metadata/artifacts.ts';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import { artifactNotFound, type Content } from './content.ts';
import type { Repository } from './repository.ts';
import { sha512Of } from './sha512.ts';
import { checksumIn, type Sidecar } from './sidecar.ts';

/** A checksum file is a line; more than this is none. Bytes. */
const largestBytes = 4096;

/**
 * Takes a checksum file: held against the artifact it belongs to, noted there as what the client declared, and not stored.
 * @throws CHECKSUM_MISMATCH, ARTIFACT_NOT_FOUND when there is no such artifact, CHECKSUM_INVALID when the content is no checksum
 */
export async function deploySidecar(content: Content, repository: Repository, path: string, sidecar: Sidecar, body: Readable): Promise<RecordedAnswer> {
  const { session, addresses } = content;
  const declared = checksumIn(await readText(body), sidecar.algorithm);
  const accepted: RecordedAnswer = { status: 201, headers: { location: addresses.artifact(repository.key, path) }, body: null };
  // what is computed has its own checksums, whatever the client made of its copy
  if (repository.format.computed(repository, sidecar.target) !== null) return accepted;
  if (repository.config['checksumPolicyType'] === 'server-generated-checksums') return accepted;
  if (declared === null) throw new BulkheadError('CHECKSUM_INVALID', `The body holds no ${sidecar.algorithm} checksum`);
  const file = await session.coherence.read(cacheKeys.artifact(repository.id, sidecar.target), (db) => findFile(db, repository.id, sidecar.target));
  if (file === undefined) throw artifactNotFound(repository.key, sidecar.target);
  const actual = sidecar.algorithm === 'sha512' ? await sha512Of(content, file.blob) : file.blob[sidecar.algorithm];
  if (declared !== actual) {
    throw new BulkheadError('CHECKSUM_MISMATCH', `${path} says ${declared}, but the artifact has ${actual}`,
      { details: { algorithm: sidecar.algorithm, declared, actual } });
  }
  if (sidecar.algorithm !== 'sha512') await recordDeclaredDigest(session.db, file, sidecar.algorithm, declared);
  return accepted;
}

async function readText(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > largestBytes) throw new BulkheadError('BODY_TOO_LARGE', 'A checksum file has 4096 bytes at most');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('latin1');
}
