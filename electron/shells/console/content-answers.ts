import type { IncomingMessage, ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { BulkheadError } from '../../contract/index.ts';
import type { Transfers } from '../../control/index.ts';
import { answerContent } from '../content/content-door.ts';

/** Answers a request for bytes over HTTP; the caller has checked session and origin. A connection that breaks ends the transfer. */
export async function sendContent(transfers: Transfers, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const gone = new AbortController();
  response.once('close', () => { gone.abort(); });
  const { status, headers, body } = await answerContent(transfers, {
    method: request.method ?? 'GET', url: new URL(request.url ?? '/', 'http://console.invalid'), range: request.headers.range, body: (limit) => bodyOf(request, limit), signal: gone.signal,
  });
  // what was not read of a refused body is of no use to anybody
  if (!request.complete) response.setHeader('Connection', 'close');
  response.writeHead(status, { ...headers });
  if (typeof body === 'string') {
    response.end(body);
    return;
  }
  // the browser knows a broken download by its length: nothing more can be told once the headers are out
  await pipeline(body, response).catch(() => undefined);
}

async function bodyOf(request: IncomingMessage, limit: number): Promise<Uint8Array> {
  if (Number(request.headers['content-length'] ?? 0) > limit) throw new BulkheadError('BODY_TOO_LARGE');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > limit) throw new BulkheadError('BODY_TOO_LARGE');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
