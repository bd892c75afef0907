import { Readable } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { BulkheadError } from '../../contract/index.ts';
import type { RecordedAnswer } from '../../metadata/request-results.ts';

/** Bodies of this instance are streams, whatever their media type says. */
export function streamBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (_request, payload, done) => { done(null, payload); });
  app.addHook('onRequest', (request, _reply, done) => {
    // nothing is decided by it: what is no media type at all must not keep a file from being stored
    const type = request.headers['content-type'];
    if (type !== undefined && !mediaType.test(type)) request.headers['content-type'] = 'application/octet-stream';
    done();
  });
}

/** Type and subtype of RFC 9110, section 8.3.1; parameters are taken as they are. */
const mediaType = /^\s*[\w!#$%&'*+.^`|~-]+\/[\w!#$%&'*+.^`|~-]+\s*(?:;.*)?$/;

/** The body as it arrives; an empty one when there is none. A failure of it is BODY_TRUNCATED. */
export function bodyOf(request: FastifyRequest): Readable {
  const { body } = request;
  return body instanceof Readable ? body : Readable.from([]);
}

/**
 * Runs a handler that reads the body. When it fails before the end, the rest is not waited for: the connection closes behind the
 * answer. A client that broke off is BODY_TRUNCATED, whatever the handler made of it.
 */
export async function receiving<T>(request: FastifyRequest, reply: FastifyReply, handle: () => Promise<T>): Promise<T> {
  try {
    const result = await handle();
    if (!request.raw.readableEnded) request.raw.resume();
    return result;
  } catch (error) {
    if (!request.raw.complete) {
      reply.header('connection', 'close');
      request.raw.resume();
    }
    const brokenOff = request.raw.destroyed && !request.raw.complete && !(error instanceof BulkheadError);
    throw brokenOff ? new BulkheadError('BODY_TRUNCATED', undefined, { cause: error }) : error;
  }
}

/** Sends an answer that a change has recorded. */
export function sendRecorded(reply: FastifyReply, answer: RecordedAnswer): FastifyReply {
  return reply.code(answer.status).headers(answer.headers).send(answer.body ?? undefined);
}
