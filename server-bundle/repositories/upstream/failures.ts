import { isBulkheadError } from '../../contract/index.ts';

/** Nothing was answered, and another attempt may be: the connection was refused or broke, a name was not resolved, time ran out. */
const transientCodes = new Set([
  'ECONNREFUSED', 'ECONNRESET', 'ECONNABORTED', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'ENETDOWN', 'EHOSTDOWN', 'ENOTFOUND', 'EAI_AGAIN',
  'UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_SOCKET',
]);

function codeOf(error: unknown): string {
  const inner = error instanceof AggregateError && !('code' in error) ? (error.errors as unknown[])[0] : error;
  return inner instanceof Error && 'code' in inner ? String(inner.code) : '';
}

export function isTransient(error: unknown): boolean {
  return transientCodes.has(codeOf(error));
}

/** Why there was no answer, in words that hold no address and no stack. */
export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code !== '') return code;
  return error instanceof Error ? error.name : 'it failed';
}

/** A failure of upstream, in contrast to one of this cluster. */
export function isUpstreamFailure(error: unknown): boolean {
  return isBulkheadError(error, 'UPSTREAM_FAILED') || isBulkheadError(error, 'UPSTREAM_INVALID') || isBulkheadError(error, 'UPSTREAM_ADDRESS_REFUSED');
}
