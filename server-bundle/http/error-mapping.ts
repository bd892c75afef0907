import { asBulkheadError, BulkheadError, type ErrorBody, type ErrorCode } from '../contract/index.ts';
import { databaseFailure } from '../metadata/failure.ts';

/** How long a client should wait before it tries again, in seconds. */
const retryAfterSeconds: Partial<Record<ErrorCode, number>> = {
  NOT_SERVING: 1, DRAINING: 1, DATABASE_UNAVAILABLE: 1, FILESTORE_UNAVAILABLE: 2, OVERLOADED: 1, NO_MASTER: 1, NO_BACKEND: 1, LOGIN_THROTTLED: 30,
};

/** What Fastify's own errors mean in our registry. */
const frameworkCodes: Record<string, ErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'BODY_TOO_LARGE',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'BODY_TRUNCATED',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'BODY_INVALID',
  FST_ERR_CTP_INVALID_JSON_BODY: 'BODY_INVALID',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'MEDIA_TYPE_UNSUPPORTED',
  FST_ERR_BAD_URL: 'PATH_INVALID',
  FST_ERR_MAX_PARAM_LENGTH: 'PATH_TOO_LONG',
  FST_ERR_VALIDATION: 'PARAMETER_INVALID',
  ERR_STREAM_PREMATURE_CLOSE: 'BODY_TRUNCATED',
};

/** One entry of `errors` in an answer. */
export interface HttpErrorEntry extends ErrorBody {
  readonly status: number;
}

/** Whatever was thrown, as an entry of the registry. */
export function toBulkheadError(error: unknown): BulkheadError {
  if (error instanceof BulkheadError) return error;
  const fromDatabase = databaseFailure(error);
  if (fromDatabase !== null) return fromDatabase;
  const code = error instanceof Error && 'code' in error ? frameworkCodes[String(error.code)] : undefined;
  if (code !== undefined) return new BulkheadError(code, undefined, { cause: error });
  return asBulkheadError(error);
}

/** Artifactory's error shape, with our code, hint and details beside its status and message. */
export function errorDocument(error: BulkheadError): { errors: HttpErrorEntry[] } {
  return { errors: [{ status: error.status, ...error.toBody() }] };
}

/** Headers that belong to an error: Retry-After, and the challenge of a 401. */
export function errorHeaders(error: BulkheadError): Record<string, string> {
  const headers: Record<string, string> = {};
  const seconds = retryAfter(error);
  if (seconds !== null) headers['retry-after'] = String(seconds);
  if (error.code === 'METHOD_NOT_ALLOWED' && typeof error.details === 'object' && error.details !== null && 'allow' in error.details) {
    headers['allow'] = String(error.details.allow);
  }
  if (error.status === 401) headers['www-authenticate'] = 'Basic realm="Bulkhead", charset="UTF-8"';
  return headers;
}

function retryAfter(error: BulkheadError): number | null {
  const { details } = error;
  if (typeof details === 'object' && details !== null && 'retryAfterSeconds' in details) return Number(details.retryAfterSeconds);
  return retryAfterSeconds[error.code] ?? null;
}
