import { errorCodes, type ErrorCode } from './error-codes.ts';

/** What crosses a door: HTTP, IPC, WebSocket, or the CLI's `--json`. Never holds a secret or a stack. */
export interface ErrorBody {
  code: ErrorCode;
  message: string;
  hint: string;
  details?: unknown;
}

/** An error whose code is in the registry. Decide on `code`, never on the text of `message`. */
export class BulkheadError extends Error {
  override readonly name = 'BulkheadError';
  readonly code: ErrorCode;
  readonly hint: string;
  readonly details: unknown;

  /**
   * @param code    entry of the registry
   * @param message what was wrong in this case; the registry's sentence when omitted
   * @param options `details` for machines and screens, `hint` to replace the registry's, `cause` for the log only
   */
  constructor(code: ErrorCode, message?: string, options: { details?: unknown; hint?: string; cause?: unknown } = {}) {
    super(message ?? errorCodes[code].message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? errorCodes[code].hint;
    this.details = options.details;
  }

  /** HTTP status of the code. */
  get status(): number {
    return errorCodes[this.code].status;
  }

  toBody(): ErrorBody {
    const body: ErrorBody = { code: this.code, message: this.message, hint: this.hint };
    return this.details === undefined ? body : { ...body, details: this.details };
  }
}

/** The error as it is, or `INTERNAL` around anything else (the cause is for the log, not for the reader). */
export function asBulkheadError(error: unknown): BulkheadError {
  return error instanceof BulkheadError ? error : new BulkheadError('INTERNAL', undefined, { cause: error });
}

export function isBulkheadError(error: unknown, code: ErrorCode): boolean {
  return error instanceof BulkheadError && error.code === code;
}
