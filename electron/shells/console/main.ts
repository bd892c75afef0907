import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BulkheadError } from '../../contract/index.ts';
import { Output, toldError } from '../cli/output.ts';
import { exitCodeOf } from '../cli/exit-codes.ts';
import { openControlRoom } from '../control-room.ts';
import { interruptSignal } from '../interrupt.ts';
import { runConsole } from './run-console.ts';

/** The console as a program of its own: `node out/main/console.js [--port N] [--no-open]`. */
const out = join(import.meta.dirname, '..');
const output = new Output({ out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) });

async function main(): Promise<void> {
  const { port, open } = options();
  const signal = interruptSignal();
  const room = await openControlRoom({ shell: 'console', installation: { kind: 'checkout', root: join(out, '..') }, secretBox: null });
  try {
    await runConsole({
      handlers: room.handlers,
      transfers: room.transfers,
      screens: join(out, 'renderer'),
      port,
      open,
      signal,
      print: (text) => process.stdout.write(`${text}\n`),
      onInternalError: (operation, error) => console.error(`${operation}:`, error),
    });
  } finally {
    await room.close();
  }
}

function options(): { port: number; open: boolean } {
  try {
    const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, open: { type: 'boolean', default: true } }, allowNegative: true });
    const port = /^\d{1,5}$/.test(values.port) ? Number(values.port) : Number.NaN;
    if (!(port <= 65_535)) throw new Error('--port takes a number from 0 to 65535');
    return { port, open: values.open };
  } catch (error) {
    throw new BulkheadError('ARGUMENT_INVALID', error instanceof Error ? error.message : undefined, { hint: 'Usage: console [--port N] [--no-open]' });
  }
}

main().catch((error: unknown) => {
  const told = toldError(error);
  output.error(told);
  process.exitCode = exitCodeOf(told.code);
});
