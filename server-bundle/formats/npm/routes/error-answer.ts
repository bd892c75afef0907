import type { FastifyReply } from 'fastify';
import type { BulkheadError } from '../../../contract/index.ts';
import { errorHeaders, toBulkheadError } from '../../../http/error-mapping.ts';

/** Where npm's clients expect another status than the registry of codes has: a version that is taken is forbidden, not a conflict to be retried. */
const statuses: Readonly<Partial<Record<BulkheadError['code'], number>>> = { ARTIFACT_EXISTS: 403 };

/** Answers with an error as npm's clients read it: they show `error`. */
export function sendNpmError(reply: FastifyReply, thrown: unknown): FastifyReply {
  const error = toBulkheadError(thrown);
  reply.request.failure = error;
  const { code, message, hint, details } = error.toBody();
  return reply.code(statuses[code] ?? error.status).headers(errorHeaders(error)).type('application/json; charset=utf-8')
    .send({ error: message, reason: hint, code, success: false, ...(details === undefined ? {} : { details }) });
}
