import { errorCodes } from '../../../server-bundle/contract/index.ts';

/** An error of the balancer's own, in the shape in which nodes answer theirs. Without quotes that would end a quoted text of a configuration. */
export function errorAnswer(code: 'NO_BACKEND' | 'BACKEND_FAILED' | 'ROUTE_NOT_FOUND', status: number = errorCodes[code].status): string {
  const { message, hint } = errorCodes[code];
  return JSON.stringify({ errors: [{ status, code, message, hint }] });
}
