import type { FastifyReply, FastifyRequest } from 'fastify';
import { digestsOf } from '../../filestore/index.ts';
import type { Content } from '../../repositories/content.ts';
import { readBlob } from '../../repositories/read-blob.ts';
import type { Resolved } from '../../repositories/resolve.ts';
import type { Arrival } from '../../repositories/upstream/arrival.ts';
import { fileDisposition, sendContent } from './send-content.ts';

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
 * Answers a GET or HEAD with what stands at a path: conditions and ranges for what is there, a stream for what is on its way from upstream.
 * @param mimeType of a document, instead of its own
 * @throws BLOB_MISSING, PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE
 */
export async function sendResolved(
  request: FastifyRequest, reply: FastifyReply, content: Content, found: Exclude<Resolved, { kind: 'nothing' }>, fileName: string, mimeType?: string,
): Promise<FastifyReply> {
  if (found.kind === 'arriving') return sendArriving(request, reply, found.arrival, fileName);
  // upstream could not be asked (RFC 7234, section 5.5.2)
  if (found.stale) reply.header('warning', '111 - "Revalidation Failed"');
  if (found.kind === 'text') {
    const { bytes, modifiedAt } = found.content;
    return sendContent(request, reply, {
      size: bytes.length, mimeType: mimeType ?? found.mimeType, fileName, modifiedAt, computed: true, checksums: digestsOnce(bytes), content: bytes,
    });
  }
  const source = await readBlob(content, found.repository, found.file);
  const { file } = source;
  const sent = await sendContent(request, reply, {
    size: file.blob.size, mimeType: file.mimeType, fileName, modifiedAt: file.modifiedAt, checksums: file.blob,
    content: source.bytes ?? (() => source.openFile()),
  });
  if (isDownload(request, reply)) content.downloads.add(found.file, request.principal.name);
  return sent;
}

/** Whether an answer is one download: a GET that got content, and of one that is fetched in parts the first. */
function isDownload({ method, headers: { range } }: FastifyRequest, { statusCode }: FastifyReply): boolean {
  return method === 'GET' && (statusCode === 200 || (statusCode === 206 && /^bytes=\s*0+-/.test(range ?? '')));
}

/** What is not here yet has no checksums that were seen, so no validators: conditions and ranges are not looked at (RFC 9110, sections 13 and 14.2). */
function sendArriving(request: FastifyRequest, reply: FastifyReply, arrival: Arrival, fileName: string): FastifyReply {
  const { size, mimeType } = arrival.head;
  reply.headers({ 'content-type': mimeType, ...fileDisposition(fileName), ...(size === null ? {} : { 'content-length': size }) });
  return request.method === 'HEAD' ? reply.send() : reply.send(arrival.read());
}
