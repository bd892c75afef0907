import { connect, createWirePair, serve, type ClosableClient, type Handlers } from '../../contract/index.ts';
import { exitCodes, type ExitCode } from '../cli/exit-codes.ts';
import { Output } from '../cli/output.ts';
import { createProgram, runProgram } from '../cli/program.ts';
import type { CliContext } from '../cli/cli-context.ts';
import { noTransfers } from './kept-bytes.ts';
import { stubHandlers } from './stub-handlers.ts';

export interface BulkheadRun {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
  /** what `--json` printed; undefined when it is no JSON */
  readonly json: unknown;
}

/** The command line over a control room that answers what the test gives. Never part of a program. */
export async function runBulkhead(argv: readonly string[], given: Partial<Handlers> = {}, signal = new AbortController().signal): Promise<BulkheadRun> {
  const texts = { out: '', err: '' };
  const streams = { out: (text: string) => { texts.out += text; }, err: (text: string) => { texts.err += text; } };
  const opened: ClosableClient[] = [];
  const context: CliContext = {
    output: new Output(streams), signal, outcome: { exitCode: exitCodes.ok },
    client: async () => {
      const pair = createWirePair();
      serve(stubHandlers(given), pair.control, { caller: 'cli' });
      const client = connect(() => pair.client);
      opened.push(client);
      return client;
    },
    transfers: async () => noTransfers,
    runConsole: async () => undefined,
  };
  const code = await runProgram(createProgram(context, '1.2.3', streams), context, argv);
  for (const client of opened) client.close();
  return { code, ...texts, json: jsonOf(texts.out) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
