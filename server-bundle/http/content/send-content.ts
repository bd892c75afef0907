import type { FastifyReply, FastifyRequest } from 'fastify';
import { BulkheadError } from '../../contract/index.ts';
import type { BlobFile } from '../../filestore/index.ts';
import { evaluatePreconditions, rangeApplies } from './preconditions.ts';
import { contentRange, MultipartRanges, requestedRanges } from './ranges.ts';
import { sendFile, type Segment } from './send-file.ts';

/** Something to download: its bytes, or a file that holds them. */
export interface Download {
  readonly size: number;
  readonly mimeType: string;
  readonly fileName: string;
  readonly modifiedAt: Date;
  /** made of other things, and another one also when something is taken away: then nothing in it is newer, and only its ETag tells */
  readonly computed?: boolean;
  readonly checksums: { readonly sha256: string; readonly sha1: string; readonly md5: string };
  readonly content: Buffer | (() => Promise<BlobFile>);
}

/** Answers GET and HEAD of a download with validators, conditions and ranges (RFC 9110) and with Artifactory's headers. */
export async function sendContent(request: FastifyRequest, reply: FastifyReply, download: Download): Promise<FastifyReply> {
  const { size, mimeType, checksums, modifiedAt, computed = false } = download;
  const validators = { etag: `"${checksums.sha1}"`, modifiedAt: computed ? null : modifiedAt };
  reply.headers({ etag: validators.etag, 'last-modified': modifiedAt.toUTCString(), 'accept-ranges': 'bytes' });
  const outcome = evaluatePreconditions(request.headers, validators);
  if (outcome === 'failed') throw new BulkheadError('PRECONDITION_FAILED');
  if (outcome === 'not-modified') return reply.code(304).send();

  const isHead = request.method === 'HEAD';
  const ranges = isHead || !rangeApplies(request.headers, validators) ? 'whole' : requestedRanges(request.headers.range, size);
  if (ranges === 'none') {
    reply.header('content-range', `bytes */${String(size)}`);
    throw new BulkheadError('RANGE_NOT_SATISFIABLE');
  }
  reply.headers({
    'x-checksum-md5': checksums.md5, 'x-checksum-sha1': checksums.sha1, 'x-checksum-sha256': checksums.sha256,
    ...fileDisposition(download.fileName), 'content-type': mimeType,
  });
  if (ranges === 'whole') {
    reply.header('content-length', size);
    return isHead ? reply.send() : sendSegments(reply, download, [{ start: 0, end: size - 1 }]);
  }
  const [only] = ranges;
  if (ranges.length === 1 && only !== undefined) {
    reply.code(206).headers({ 'content-range': contentRange(only, size), 'content-length': only.end - only.start + 1 });
    return sendSegments(reply, download, [only]);
  }
  const multipart = new MultipartRanges(ranges, size, mimeType);
  reply.code(206).headers({ 'content-type': multipart.contentType, 'content-length': multipart.length });
  return sendSegments(reply, download, multipart.segments);
}

async function sendSegments(reply: FastifyReply, { content }: Download, segments: readonly Segment[]): Promise<FastifyReply> {
  if (!Buffer.isBuffer(content)) return sendFile(reply, await content(), segments);
  const parts = segments.map((each) => (Buffer.isBuffer(each) ? each : content.subarray(each.start, each.end + 1)));
  const [only] = parts;
  return reply.send(parts.length === 1 ? only : Buffer.concat(parts));
}

/** Under which name a client saves it (RFC 6266): plainly first, for those that do not know the second form (curl, pip), with marks in place of what it cannot say. */
export function fileDisposition(fileName: string): Record<string, string> {
  const name = encodeURIComponent(fileName);
  const plain = fileName.replace(/[^ -~]|["\\%]/gu, '_');
  return { 'x-artifactory-filename': name, 'content-disposition': `attachment; filename="${plain}"; filename*=UTF-8''${name.replace(/['()*]/g, percent)}` };
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase()}`;
}
