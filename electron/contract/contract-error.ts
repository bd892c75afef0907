import type { ErrorCode } from '../../server-bundle/contract/index.ts';
import type { WireError } from './wire.ts';

/**
 * An error as it reached the client's side of a wire. `code` is one of the registry, or one that only a newer
 * control room knows; decide on it, never on the message.
 */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly code: string;
  readonly hint: string;
  readonly details: unknown;

  constructor(error: WireError) {
    super(error.message);
    this.code = error.code;
    this.hint = error.hint;
    this.details = error.details;
  }
}

export function isContractError(error: unknown, code: ErrorCode): error is ContractError {
  return error instanceof ContractError && error.code === code;
}
