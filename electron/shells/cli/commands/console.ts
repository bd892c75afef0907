import { Command } from 'commander';
import type { CliContext } from '../cli-context.ts';
import { wholeNumber } from './demo.ts';

/** `bulkhead console`: the screens in a browser. */
export function consoleCommand(context: CliContext): Command {
  return new Command('console')
    .description('the screens in a browser: prints a one-time address, runs until Ctrl-C')
    .option('--port <port>', 'port on 127.0.0.1, 0 for a free one', wholeNumber, 0)
    .option('--no-open', 'do not open a browser')
    .action((options: { port: number; open: boolean }) => context.runConsole(options));
}
