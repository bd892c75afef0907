import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { RecordedAnswer } from '../metadata/request-results.ts';
import type { Content } from './content.ts';
import { requireDeclared } from './declared-checksums.ts';
import type { DeployRequest } from './deploy.ts';
import { fileJson, itemCreated } from './item-json.ts';

/**
 * Takes a document that the repository computes itself (build tools insist on sending theirs): it is received, held against
 * what was declared, answered as if it had been stored, and dropped.
 */
export async function acceptComputed(content: Content, request: DeployRequest, mimeType: string, body: Readable): Promise<RecordedAnswer> {
  const hashes = { sha256: createHash('sha256'), sha1: createHash('sha1'), md5: createHash('md5') };
  let size = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    for (const hash of Object.values(hashes)) hash.update(chunk);
    size += chunk.length;
  }
  const digests = { sha256: hashes.sha256.digest('hex'), sha1: hashes.sha1.digest('hex'), md5: hashes.md5.digest('hex') };
  requireDeclared(request.declared, digests);
  const item = fileJson(content.addresses, request.repositoryKey, {
    path: request.path, mimeType, original: request.declared, createdAt: new Date(), createdBy: request.principal.name,
    blob: { size, ...digests },
  });
  return { status: 201, headers: { location: item.downloadUri, 'content-type': itemCreated }, body: JSON.stringify(item, null, 2) };
}
