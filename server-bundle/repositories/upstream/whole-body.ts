import { BulkheadError } from '../../contract/index.ts';
import type { UpstreamAnswer } from './connection.ts';
import { decodedBody } from './decoded-body.ts';
import { reasonOf } from './failures.ts';

/**
 * All bytes of an upstream's answer, without the coding that they came in.
 * @param limit bytes, decoded
 * @throws UPSTREAM_FAILED when the connection breaks before the end, UPSTREAM_INVALID when there are more than `limit`
 */
export async function wholeBody(answer: UpstreamAnswer, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of decodedBody(answer) as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > limit) throw new BulkheadError('UPSTREAM_INVALID', `Upstream answered with more than ${String(limit)} bytes`);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof BulkheadError) throw error;
    throw new BulkheadError('UPSTREAM_FAILED', `The answer of upstream broke off: ${reasonOf(error)}`, { cause: error });
  }
  return Buffer.concat(chunks);
}
