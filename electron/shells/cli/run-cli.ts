import { join } from 'node:path';
import { debuglog } from 'node:util';
import { connect, createWirePair, serve, type ClosableClient, type ContractClient } from '../../contract/index.ts';
import type { ControlRoom } from '../../control/index.ts';
import { openControlRoom } from '../control-room.ts';
import { runConsole } from '../console/run-console.ts';
import { programVersion, type Installation } from '../installation.ts';
import { interruptSignal } from '../interrupt.ts';
import { answerQuestions, ownTerminal } from './answer-questions.ts';
import type { CliContext } from './cli-context.ts';
import { exitCodes } from './exit-codes.ts';
import { Output, type Streams } from './output.ts';
import { createProgram, runProgram } from './program.ts';
import { printableLines } from './table.ts';

/** How long what is open may take to close once a command has ended, milliseconds. */
const closingMs = 5000;
/** Silent, unless the environment has `NODE_DEBUG=bulkhead`. */
const debug = debuglog('bulkhead');

/**
 * Runs `bulkhead` once and sets the exit code of the process.
 * @param folder folder of the built program, `out/main`
 */
export async function runCli(argv: readonly string[], folder: string): Promise<void> {
  const root = join(folder, '..', '..');
  const installation: Installation = { kind: 'checkout', root };
  const streams: Streams = { out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) };
  const output = new Output(streams);
  const signal = interruptSignal();
  let room: ControlRoom | null = null;
  let client: ClosableClient | null = null;

  const context: CliContext = {
    output,
    signal,
    outcome: { exitCode: exitCodes.ok },
    client: async (): Promise<ContractClient> => {
      if (client !== null) return client;
      room = await openControlRoom({ shell: 'cli', installation, secretBox: null });
      const pair = createWirePair();
      serve(room.handlers, pair.control, { caller: 'cli', onInternalError: tellInternal });
      client = connect(() => pair.client);
      const terminal = ownTerminal(signal);
      if (terminal !== null) answerQuestions(client, terminal);
      return client;
    },
    transfers: async () => {
      await context.client();
      if (room === null) throw new Error('the control room is not open');
      return room.transfers;
    },
    runConsole: async ({ port, open }) => {
      room = await openControlRoom({ shell: 'console', installation, secretBox: null });
      const print = (text: string): void => { streams.out(`${text}\n`); };
      await runConsole({ handlers: room.handlers, transfers: room.transfers, screens: join(root, 'out', 'renderer'), port, open, signal, print, onInternalError: tellInternal });
    },
  };

  // a reader that has seen enough (`| head`) is no error
  process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));
  const code = await runProgram(createProgram(context, programVersion(installation), streams), context, argv);
  process.exitCode = code;
  // the answer is told: a connection that does not close must not keep a script waiting
  setTimeout(() => {
    debug('still open %d ms after the end of the command: %s', closingMs, process.getActiveResourcesInfo().join(', '));
    process.exit();
  }, closingMs).unref();
  (client as ClosableClient | null)?.close();
  await (room as ControlRoom | null)?.close();
}

function tellInternal(operation: string, error: unknown): void {
  process.stderr.write(`${operation}: ${printableLines(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
}
