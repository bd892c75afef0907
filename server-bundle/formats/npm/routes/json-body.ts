import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import { BulkheadError } from '../../../contract/index.ts';
import { bodyOf } from '../../../http/content/request-body.ts';
import { parseJson } from '../../../http/json-depth.ts';

/** The body as it was before the client compressed it. @throws MEDIA_TYPE_UNSUPPORTED for a coding other than gzip */
export function plainBody(request: FastifyRequest): Readable {
  const coding = request.headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity') return bodyOf(request);
  if (coding !== 'gzip') throw new BulkheadError('MEDIA_TYPE_UNSUPPORTED', `The content coding '${coding.slice(0, 50)}' is not understood here`, { hint: 'Send the body as it is, or with gzip.' });
  const unpacked = createGunzip();
  // its failures are met where `unpacked` is read
  pipeline(bodyOf(request), unpacked, () => undefined);
  return unpacked;
}

/** A JSON body. @param limit bytes, unpacked @throws BODY_INVALID, BODY_TOO_LARGE */
export async function jsonBody(request: FastifyRequest, limit = 1024 * 1024): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of plainBody(request) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new BulkheadError('BODY_TOO_LARGE', `The body has more than ${String(limit)} bytes`);
      chunks.push(chunk);
    }
    return parseJson(Buffer.concat(chunks));
  } catch (error) {
    const unreadable = error instanceof SyntaxError || (error instanceof Error && 'code' in error && String(error.code).startsWith('Z_'));
    throw unreadable ? new BulkheadError('BODY_INVALID', 'The body is not valid JSON', { cause: error }) : error;
  }
}
