import { BulkheadError } from '../contract/index.ts';
import { recordSha512, type StoredBlob } from '../metadata/blobs.ts';
import { LRUCache } from 'lru-cache';
import type { Content } from './content.ts';

/** By SHA-256: what was computed once stays true. */
const known = new LRUCache<string, string>({ maxSize: 10_000, sizeCalculation: () => 1 });

/** The SHA-512 of a blob: computed when it is first asked for, and kept with the blob. @throws BLOB_MISSING */
export async function sha512Of(content: Content, blob: StoredBlob): Promise<string> {
  const present = blob.sha512 ?? known.get(blob.sha256);
  if (present !== undefined) return present;
  const computed = await content.filestore.digest(blob, 'sha512');
  if (computed === null) throw new BulkheadError('BLOB_MISSING');
  known.set(blob.sha256, computed);
  await recordSha512(content.session.db, blob.id, computed);
  return computed;
}
