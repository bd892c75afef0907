import type { FastifyReply, FastifyRequest } from 'fastify';
import { BulkheadError } from '../../contract/index.ts';
import { digestsOf } from '../../filestore/index.ts';
import type { Content } from '../../repositories/content.ts';
import { readBlob } from '../../repositories/read-blob.ts';
import type { Resolved } from '../../repositories/resolve.ts';
import { sendContent } from './send-content.ts';

type Digests = ReturnType<typeof digestsOf>;

/** Documents are hot and large, and the same buffer as long as they are cached: they are hashed once. */
const digests = new WeakMap<Buffer, Digests>();

function digestsOnce(bytes: Buffer): Digests {
  const known = digests.get(bytes);
  if (known !== undefined) return known;
  const made = digestsOf(bytes);
  digests.set(bytes, made);
  return made;
}

/**
 * Answers a GET or HEAD with what stands at a path.
 * @param mimeType of a document, instead of its own
 * @throws BLOB_MISSING, PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE
 */
export async function sendResolved(
  request: FastifyRequest, reply: FastifyReply, content: Content, found: Exclude<Resolved, { kind: 'nothing' }>, fileName: string, mimeType?: string,
): Promise<FastifyReply> {
  if (found.kind === 'text') {
    const { bytes, modifiedAt } = found.content;
    return sendContent(request, reply, {
      size: bytes.length, mimeType: mimeType ?? found.mimeType, fileName, modifiedAt, checksums: digestsOnce(bytes), bytes,
      open: async () => { throw new BulkheadError('INTERNAL'); },
    });
  }
  const source = await readBlob(content, found.repository, found.file);
  const { file } = source;
  return sendContent(request, reply, {
    size: file.blob.size, mimeType: file.mimeType, fileName, modifiedAt: file.modifiedAt, checksums: file.blob, bytes: source.bytes,
    open: async (range) => {
      if (source.bytes !== null) throw new BulkheadError('INTERNAL');
      return source.open(range);
    },
  });
}
