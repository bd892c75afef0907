import type { FastifyReply } from 'fastify';
import { errorDocument, errorHeaders, toBulkheadError } from './error-mapping.ts';

/** Answers with an error and remembers it, so that the request's log line carries it: nothing is logged twice. */
export function sendError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = toBulkheadError(thrown);
  reply.request.failure = error;
  return reply.code(error.status).headers(errorHeaders(error)).type('application/json; charset=utf-8').send(errorDocument(error));
}
