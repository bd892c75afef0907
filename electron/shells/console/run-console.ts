import { createInterface } from 'node:readline';
import type { Handlers } from '../../contract/index.ts';
import type { Transfers } from '../../control/index.ts';
import { demoRuns } from '../demo-runs.ts';
import { untilAborted } from '../interrupt.ts';
import { startConsole } from './console-server.ts';
import { openBrowser, thisSituation } from '../open-browser.ts';

export interface RunConsoleOptions {
  readonly handlers: Handlers;
  readonly transfers: Transfers;
  readonly screens: string;
  readonly port: number;
  readonly open: boolean;
  /** aborts at Ctrl-C */
  readonly signal: AbortSignal;
  /** where the address is printed */
  readonly print: (text: string) => void;
  readonly onInternalError: (operation: string, error: unknown) => void;
}

/**
 * Serves the console until `signal` aborts. Prints its one-time address; Enter in the terminal prints another.
 * Says so when a demo cluster outlives it.
 * @throws BulkheadError PORT_IN_USE
 */
export async function runConsole(options: RunConsoleOptions): Promise<void> {
  const { print, signal } = options;
  const shell = await startConsole(options);
  const terminal = process.stdin.isTTY ? createInterface({ input: process.stdin }) : null;
  try {
    const why = options.open ? await openBrowser(shell.newAddress(), thisSituation()) : 'as asked';
    print(why === null ? 'Bulkhead is open in your browser. For another browser:' : `No browser was opened: ${why}. Open this address; it works once:`);
    print(`\n  ${shell.newAddress()}\n`);
    print(terminal === null ? 'Ctrl-C ends the console.' : 'Enter prints a new address, Ctrl-C ends the console.');
    terminal?.on('line', () => print(`  ${shell.newAddress()}\n`));
    await untilAborted(signal);
    if (await demoRuns((asked) => options.handlers['demo.describe']({}, { signal: asked, caller: 'console' }))) print('The demo cluster goes on. "npx bulkhead demo down" stops it; its data stays.');
  } finally {
    terminal?.close();
    await shell.close();
  }
}
