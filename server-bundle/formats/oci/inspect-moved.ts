import { createHash } from 'node:crypto';
import { BulkheadError } from '../../contract/index.ts';
import type { FormatRepository, FormerPlace, InspectedFile } from '../format.ts';
import { recognizeManifest, type ManifestFacts } from './manifest.ts';
import type { Digest } from './names.ts';
import { registryPackageTypes } from './package-types.ts';
import { placeOf, type Place } from './paths.ts';

/** A larger file is no manifest. Bytes. */
const largestManifest = 16 * 1024 * 1024;

/**
 * Of a file that is copied or moved: what lies under a digest has to have it, and what a tag points at is a manifest. Whoever may deploy, and not delete, could otherwise put other
 * bytes in the place of an image's. What a manifest names is kept with a tag, too: it may come alone, out of a cache that was asked for the tag only, and its blobs are not to expire then.
 * @throws CHECKSUM_MISMATCH, LAYOUT_VIOLATION
 */
export async function inspectMovedContent(repository: FormatRepository, path: string, file: InspectedFile, from: FormerPlace): Promise<{ readonly oci: ManifestFacts } | null> {
  const place = placeOf(path);
  if (place === null) return null;
  const before = registryPackageTypes.includes(from.packageType) ? placeOf(from.path) : null;
  if (place.kind !== 'tag') await requireDigest(place.digest, file, before);
  if (place.kind === 'blob') return null;
  return before !== null && before.kind !== 'blob' && from.facts !== null ? from.facts as { oci: ManifestFacts } : { oci: await manifestIn(repository, path, file) };
}

async function requireDigest({ algorithm, hex, text }: Digest, file: InspectedFile, before: Place | null): Promise<void> {
  // it was held against the same digest when it came
  if (before !== null && before.kind !== 'tag' && before.digest.text === text) return;
  const actual = algorithm === 'sha256' ? file.sha256 : await hashOf(file, algorithm);
  if (actual !== hex) throw new BulkheadError('CHECKSUM_MISMATCH', `The bytes have the digest ${algorithm}:${actual}`, { details: { algorithm, declared: hex, actual } });
}

async function hashOf(file: InspectedFile, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of await file.open() as AsyncIterable<Buffer>) hash.update(chunk);
  return hash.digest('hex');
}

async function manifestIn({ key }: FormatRepository, path: string, file: InspectedFile): Promise<ManifestFacts> {
  const bytes = file.size > largestManifest ? null : Buffer.concat(await (await file.open()).toArray() as Buffer[]);
  const manifest = bytes === null ? null : recognizeManifest(bytes);
  if (manifest === null) throw new BulkheadError('LAYOUT_VIOLATION', `${key} does not take ${path}: the file is no manifest`);
  return manifest;
}
