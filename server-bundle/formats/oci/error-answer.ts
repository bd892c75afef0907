import type { FastifyReply } from 'fastify';
import type { BulkheadError, ErrorCode } from '../../contract/index.ts';
import { errorHeaders, toBulkheadError } from '../../http/error-mapping.ts';

/** What the specification calls the registry's own codes ("Error Codes"); those that are not listed are answered as they are. */
const specified: Partial<Record<ErrorCode, string>> = {
  AUTHENTICATION_REQUIRED: 'UNAUTHORIZED',
  CREDENTIALS_INVALID: 'UNAUTHORIZED',
  FORBIDDEN: 'DENIED',
  OVERLOADED: 'TOOMANYREQUESTS',
  LOGIN_THROTTLED: 'TOOMANYREQUESTS',
  UPLOADS_EXHAUSTED: 'TOOMANYREQUESTS',
  METHOD_NOT_ALLOWED: 'UNSUPPORTED',
  DELETE_DISABLED: 'UNSUPPORTED',
  BLOB_UPLOAD_RANGE: 'BLOB_UPLOAD_INVALID',
  BODY_TOO_LARGE: 'SIZE_INVALID',
  BODY_TRUNCATED: 'SIZE_INVALID',
  MANIFEST_TOO_LARGE: 'SIZE_INVALID',
  CHECKSUM_MISMATCH: 'DIGEST_INVALID',
  REPOSITORY_NOT_FOUND: 'NAME_UNKNOWN',
  ARTIFACT_NOT_FOUND: 'MANIFEST_UNKNOWN',
  PATH_INVALID: 'NAME_INVALID',
  PATH_TOO_LONG: 'NAME_INVALID',
  PATH_CONFLICT: 'NAME_INVALID',
  REPOSITORY_READ_ONLY: 'DENIED',
  PATH_EXCLUDED: 'DENIED',
};

interface OciError { readonly code: string; readonly message: string; readonly detail?: unknown }

/** The body of an error as the specification has it. */
export function ociErrors(error: BulkheadError): { readonly errors: readonly OciError[] } {
  const code = specified[error.code] ?? error.code;
  const { details } = error;
  // one error for each thing that is missing ("Pushing Manifests")
  if (error.code === 'MANIFEST_BLOB_UNKNOWN' && Array.isArray(details)) {
    return { errors: details.map((detail: unknown) => ({ code, message: error.message, detail })) };
  }
  return { errors: [{ code, message: `${error.message}. ${error.hint}`, ...(details === undefined ? {} : { detail: details }) }] };
}

/**
 * Answers with an error and remembers it for the log line.
 * @param challenge of a 401; without one it stays the one for Basic credentials
 * @param narrowed whether the request came with a token that was made for something: one that does not suffice is a 401, so that the client asks for another
 */
export function sendOciError(reply: FastifyReply, thrown: unknown, challenge?: (insufficient: boolean) => string, narrowed = false): FastifyReply {
  const error = toBulkheadError(thrown);
  reply.request.failure = error;
  const headers = errorHeaders(error);
  const insufficient = error.code === 'FORBIDDEN' && narrowed;
  const status = insufficient ? 401 : error.status;
  if (status === 401 && challenge !== undefined) headers['www-authenticate'] = challenge(insufficient);
  if (error.code === 'DELETE_DISABLED') headers['allow'] = 'GET, HEAD, PUT';
  if (error.code === 'BLOB_UPLOAD_RANGE') Object.assign(headers, (error.details as { headers?: Record<string, string> }).headers ?? {});
  return reply.code(status).headers(headers).type('application/json').send(ociErrors(error));
}
