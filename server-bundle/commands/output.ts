import { toBulkheadError } from '../http/error-mapping.ts';
import { exitCodeOf } from './exit-codes.ts';

/** One line of JSON for programs, or a sentence for people, on stdout. */
export function say(json: boolean, value: Readonly<Record<string, unknown>>, sentence: string): void {
  process.stdout.write(`${json ? JSON.stringify(value) : sentence}\n`);
}

/** Runs a command: what it throws becomes a message on stderr and the exit status of its code. */
export async function run(json: boolean, command: () => Promise<void>): Promise<void> {
  try {
    await command();
  } catch (thrown) {
    const error = toBulkheadError(thrown);
    process.exitCode = exitCodeOf(error.code);
    if (json) {
      process.stderr.write(`${JSON.stringify({ error: error.toBody() })}\n`);
      return;
    }
    process.stderr.write(`${error.message}\n${error.code === 'INTERNAL' ? `${causeText(error.cause)}\n` : `${error.hint}\n`}`);
  }
}

function causeText(cause: unknown): string {
  return cause instanceof Error ? cause.stack ?? cause.message : String(cause);
}
