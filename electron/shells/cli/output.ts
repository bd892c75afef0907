import { BulkheadError, ContractError, errorCodes } from '../../contract/index.ts';
import { printable, printableJson, printableLines } from './table.ts';

/** Where the texts of a program go. */
export interface Streams {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** An error as the CLI tells it. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly details?: unknown;
}

/** Results on stdout (one JSON value with `--json`), progress and errors on stderr. */
export class Output {
  readonly #streams: Streams;
  #json = false;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  useJson(): void {
    this.#json = true;
  }

  /** The result of a command, as a value for machines or as text for people. Whatever host a part of it comes from, it steers no terminal. */
  result(value: unknown, text: string): void {
    this.#streams.out(this.#json ? `${printableJson(value)}\n` : `${printableLines(text)}\n`);
  }

  progress(text: string): void {
    if (!this.#json) this.#streams.err(`${printable(text)}\n`);
  }

  /** What was wrong with a command line, for a script; people have been told. */
  usage(message: string): void {
    const error: ToldError = { code: 'ARGUMENT_INVALID', message, hint: 'See --help.' };
    this.#streams.out(`${JSON.stringify({ error })}\n`);
  }

  /** `code: message` and what to do next. With `--json` stdout gets `{"error": …}` too, so that a script finds one JSON value in any case. */
  error(error: ToldError): void {
    if (this.#json) this.#streams.out(`${printableJson({ error })}\n`);
    this.#streams.err(`${error.code}: ${printable(error.message)}\n  ${printable(error.hint)}\n`);
    if (!this.#json && error.details !== undefined) this.#streams.err(`  ${printableJson(error.details)}\n`);
  }
}

/** The usual hint of a wrong argument leads to details: where there are none, the message has said it all. */
function withItsHint(told: ToldError): ToldError {
  return told.details === undefined && told.hint === errorCodes.ARGUMENT_INVALID.hint ? { ...told, hint: 'See --help.' } : told;
}

/** Any thrown value as an error of the registry. */
export function toldError(error: unknown): ToldError {
  if (error instanceof BulkheadError) return withItsHint(error.toBody());
  if (error instanceof ContractError) {
    const { code, message, hint, details } = error;
    return withItsHint(details === undefined ? { code, message, hint } : { code, message, hint, details });
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message: `${errorCodes.INTERNAL.message}: ${reason}`, hint: 'This is a defect of the program; its message says where.' };
}
