/** The command line as a program of its own, from its sources: `node test/lab/cli-process.ts host list`. */
import { join } from 'node:path';
import { runCli } from '../../electron/shells/cli/run-cli.ts';
import { projectRoot } from '../../scripts/build.ts';

await runCli(process.argv.slice(2), join(projectRoot, 'out', 'main'));
