import type { FastifyRequest } from 'fastify';
import { BulkheadError } from '../../../contract/index.ts';

/** One parameter of the address; undefined when it is not there. @throws PARAMETER_INVALID when it is there more than once */
export function parameter(request: FastifyRequest, name: string): string | undefined {
  const value = (request.query as Record<string, unknown>)[name];
  if (value === undefined || typeof value === 'string') return value;
  throw new BulkheadError('PARAMETER_INVALID', `${name} is given more than once`, { details: { parameter: name } });
}
