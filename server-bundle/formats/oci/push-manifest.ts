import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Transaction } from 'kysely';
import { BulkheadError } from '../../contract/index.ts';
import { findFile, putArtifact } from '../../metadata/artifacts.ts';
import { addCollectionCandidates } from '../../metadata/blobs.ts';
import { holdPaths } from '../../metadata/oci-content.ts';
import { lockPaths } from '../../metadata/path-locks.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';
import type { Database } from '../../metadata/schema.ts';
import { deploy } from '../../repositories/deploy.ts';
import { requireRoom } from '../../repositories/guards.ts';
import type { Repository } from '../../repositories/repository.ts';
import { touchedByFile } from '../../repositories/touched.ts';
import { authorize } from '../../security/authorize.ts';
import { readManifest, type ManifestFacts } from './manifest.ts';
import { parseDigest, type Digest, type Reference } from './names.ts';
import { blobPath, manifestPath, tagPath } from './paths.ts';
import { located, registryRepository, type Registry, type Scope } from './registry.ts';
import { digestMismatch } from './verified.ts';

/**
 * "Pushing Manifests": stores a manifest under its digest and, when it was pushed by a tag, points the tag at it, in one commit. What it
 * names has to be there and stays until then; its subject need not.
 *
 * @param contentType of the request
 * @throws MANIFEST_INVALID, DIGEST_INVALID, MANIFEST_BLOB_UNKNOWN with each digest that is missing
 */
export async function pushManifest(registry: Registry, scope: Scope, reference: Reference, bytes: Buffer, contentType: string | undefined): Promise<RecordedAnswer> {
  const { content } = registry;
  const { principal, repositoryKey, name, replayKey } = scope;
  const tag = reference.kind === 'tag' ? reference.tag : null;
  if (tag !== null) authorize(principal, 'deploy', repositoryKey, tagPath(name, tag));
  const repository = await registryRepository(registry, repositoryKey);
  const digest = digestOf(bytes, reference);
  const manifest = readManifest(bytes, contentType);
  return deploy(content, {
    principal, repositoryKey, replayKey,
    path: manifestPath(name, digest),
    declared: { md5: null, sha1: null, sha256: digest.algorithm === 'sha256' ? digest.hex : null },
    packaging: {
      facts: { oci: manifest }, mimeType: manifest.mediaType,
      touched: tag === null ? { keys: [] } : touchedByFile(repository, tagPath(name, tag)),
      commit: async (trx, present) => {
        await requireReferences(trx, present, name, manifest);
        if (tag !== null) await pointTag(trx, scope, present, { path: tagPath(name, tag), target: manifestPath(name, digest), manifest });
      },
      answer: () => created(scope, tag ?? digest.text, digest, manifest),
    },
  }, Readable.from([bytes], { objectMode: false }));
}

/** @throws DIGEST_INVALID when it was pushed under another one */
function digestOf(bytes: Buffer, reference: Reference): Digest {
  const algorithm = reference.kind === 'digest' ? reference.digest.algorithm : 'sha256';
  const hex = createHash(algorithm).update(bytes).digest('hex');
  const actual: Digest = { algorithm, hex, text: `${algorithm}:${hex}` };
  if (reference.kind === 'digest' && reference.digest.text !== actual.text) throw digestMismatch(reference.digest.text, actual.text);
  return actual;
}

async function requireReferences(trx: Transaction<Database>, repository: Repository, name: string, { blobs, manifests }: ManifestFacts): Promise<void> {
  const paths = [...pathsOf(blobs, (digest) => blobPath(name, digest)), ...pathsOf(manifests, (digest) => manifestPath(name, digest))];
  const present = await holdPaths(trx, repository.id, paths.map(([, path]) => path));
  const missing = paths.flatMap(([digest, path]) => (present.has(path) ? [] : [digest]));
  if (missing.length === 0) return;
  throw new BulkheadError('MANIFEST_BLOB_UNKNOWN', `${String(missing.length)} of what the manifest names is not there: ${missing[0] ?? ''}`,
    { details: missing.map((digest) => ({ digest })) });
}

function pathsOf(digests: readonly string[], pathOf: (digest: Digest) => string): [string, string][] {
  return digests.flatMap((text): [string, string][] => {
    const digest = parseDigest(text);
    return digest === null ? [] : [[text, pathOf(digest)]];
  });
}

/** The tag becomes a second name of the manifest's bytes. Pointing it elsewhere replaces something, which needs the right to. */
async function pointTag(
  trx: Transaction<Database>, { principal }: Scope, repository: Repository, { path, target, manifest }: { path: string; target: string; manifest: ManifestFacts },
): Promise<void> {
  await lockPaths(trx, [{ repositoryId: repository.id, path }]);
  await requireRoom(trx, repository, path);
  const pointed = await findFile(trx, repository.id, target);
  if (pointed === undefined) throw new BulkheadError('INTERNAL', 'A manifest has vanished while it was being stored');
  const before = await findFile(trx, repository.id, path);
  if (before !== undefined && before.blob.id !== pointed.blob.id) authorize(principal, 'delete', repository.key, path);
  const { replacedBlobId } = await putArtifact(trx, {
    repositoryId: repository.id, path, blobId: pointed.blob.id, mimeType: manifest.mediaType, by: principal.name,
    original: pointed.original, facts: null,
  });
  if (replacedBlobId !== null) await addCollectionCandidates(trx, [replacedBlobId]);
}

function created(scope: Scope, reference: string, digest: Digest, { subject }: ManifestFacts): RecordedAnswer {
  return {
    status: 201, body: null,
    headers: {
      location: located(scope, `manifests/${reference}`), 'docker-content-digest': digest.text,
      ...(subject === null ? {} : { 'oci-subject': subject }),
    },
  };
}
