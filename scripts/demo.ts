/**
 * `npm run demo [-- --nodes 3 --port 8080 --data DIR --json]`: the offline cluster in the foreground, without a screen.
 * Ctrl-C or SIGTERM stops everything; the data stays.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { demoOptions, type DemoOptions } from '../electron/contract/index.ts';
import { startDemo, stopDemo } from '../electron/control/index.ts';
import { describeDemo } from '../electron/shells/cli/demo-text.ts';
import { exitCodeOf, exitCodes } from '../electron/shells/cli/exit-codes.ts';
import { Output, toldError } from '../electron/shells/cli/output.ts';
import { demoPrograms } from '../electron/shells/installation.ts';
import { interruptSignal, npmGoneSignal, untilAborted } from '../electron/shells/interrupt.ts';
import { BuildError, ensureBuilt, projectRoot } from './build.ts';

const usage = 'Usage: npm run demo -- [--nodes 1..9] [--port 8080] [--data DIR] [--json]';
const output = new Output({ out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) });

/** Null for a request of help; throws what `parseArgs` throws, and the same in words for a value that cannot be. */
function options(): DemoOptions | null {
  const { values } = parseArgs({
    options: {
      nodes: { type: 'string', default: '3' }, port: { type: 'string', default: '8080' }, data: { type: 'string' },
      json: { type: 'boolean', default: false }, help: { type: 'boolean', default: false },
    },
  });
  if (values.json) output.useJson();
  if (values.help) return null;
  const wanted = demoOptions.safeParse({ nodes: Number(values.nodes), port: Number(values.port), ...(values.data === undefined ? {} : { dataDir: values.data }) });
  if (wanted.success) return wanted.data;
  throw new Error(wanted.error.issues.map(({ path, message }) => `--${path.join('.').replace('dataDir', 'data')}: ${message}`).join('\n'));
}

async function serveDemo({ nodes, port, dataDir }: DemoOptions, signal: AbortSignal): Promise<number> {
  const { node, bundle } = demoPrograms({ kind: 'checkout', root: projectRoot }, process.platform);
  const programs = { nodeRuntimePath: node, nodeBundlePath: bundle };
  const folder = dataDir === undefined ? {} : { dataDir: resolve(dataDir) };
  const began = performance.now();
  const demo = await startDemo(programs, { nodes, port, ...folder, foreground: true, signal, onProgress: (label) => output.progress(label) });
  output.result(demo, describeDemo(demo));
  output.progress(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s. Ctrl-C stops everything; the data is kept.`);
  await untilAborted(signal);
  output.progress('stopping …');
  await stopDemo(programs, folder.dataDir);
  return exitCodes.ok;
}

async function main(): Promise<number> {
  let wanted: DemoOptions | null;
  try {
    wanted = options();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    return exitCodes.usage;
  }
  if (wanted === null) {
    process.stdout.write(`${usage}\n`);
    return exitCodes.ok;
  }
  const signal = AbortSignal.any([interruptSignal(), npmGoneSignal(process.env)]);
  try {
    await ensureBuilt(['node'], { onBuild: (title) => output.progress(`building the ${title} …`) });
    return await serveDemo(wanted, signal);
  } catch (error) {
    if (error instanceof BuildError) {
      process.stderr.write(`${error.message}\n`);
      return exitCodes.failed;
    }
    const told = toldError(error);
    output.error(told);
    return exitCodeOf(told.code);
  }
}

process.exitCode = await main();
