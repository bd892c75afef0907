import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { BulkheadError } from '../../contract/index.ts';
import type { Digest } from './names.ts';

/** The same bytes, no more than `limit` of them. A body that goes on fails with BODY_TOO_LARGE. */
export function atMost(body: Readable, limit: number): Readable {
  return through(body, async function* limited(chunks) {
    let size = 0;
    for await (const chunk of chunks) {
      size += chunk.length;
      if (size > limit) throw new BulkheadError('BODY_TOO_LARGE', `More than ${String(limit)} bytes`);
      yield chunk;
    }
  });
}

/**
 * The same bytes, which fail at their end with DIGEST_INVALID unless they have the digest. Only SHA-512 is looked at here: the filestore computes
 * SHA-256 anyway.
 */
export function verified(body: Readable, digest: Digest): Readable {
  if (digest.algorithm === 'sha256') return body;
  return through(body, async function* hashed(chunks) {
    const hash = createHash(digest.algorithm);
    for await (const chunk of chunks) {
      hash.update(chunk);
      yield chunk;
    }
    const actual = hash.digest('hex');
    if (actual !== digest.hex) throw digestMismatch(digest.text, `${digest.algorithm}:${actual}`);
  });
}

/** @param declared what the client promised */
export function digestMismatch(declared: string, actual: string): BulkheadError {
  return new BulkheadError('DIGEST_INVALID', 'The content has another digest', { details: { digest: declared, actual } });
}

/** Ending the reader early leaves the source alone: a request is still to be answered. */
function through(source: Readable, generate: (chunks: AsyncIterable<Buffer>) => AsyncGenerator<Buffer>): Readable {
  return Readable.from(generate(source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>), { objectMode: false });
}
