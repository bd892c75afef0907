/**
 * `npm start [-- --desktop | --console [--port N] [--no-open]]`: builds what is stale and opens the app. Electron where
 * it can run, else the console in a browser; says which, and why.
 */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BuildError, ensureBuilt, projectRoot } from './build.ts';
import { obstacleToDesktop } from './start/choose-shell.ts';
import { electronBinary } from './start/electron-binary.ts';
import { runProgram } from './start/run-program.ts';

const usage = 'Usage: npm start [-- --desktop | -- --console [--port N] [--no-open]]';
const restriction = '/proc/sys/kernel/apparmor_restrict_unprivileged_userns';
/** An Electron that ends with an error within this time never showed a window. */
const startMs = 5000;

const options = {
  desktop: { type: 'boolean', default: false },
  console: { type: 'boolean', default: false },
  port: { type: 'string' },
  open: { type: 'boolean', default: true },
  help: { type: 'boolean', default: false },
} as const;

async function main(): Promise<number> {
  let values;
  try {
    ({ values } = parseArgs({ options, allowNegative: true }));
  } catch (error) {
    return complain(`${error instanceof Error ? error.message : String(error)}\n${usage}`, 2);
  }
  if (values.help) {
    console.log(usage);
    return 0;
  }
  if (values.desktop && values.console) return complain(`--desktop and --console exclude each other\n${usage}`, 2);

  try {
    await ensureBuilt(undefined, { onBuild: (title) => console.error(`building the ${title} …`) });
  } catch (error) {
    if (error instanceof BuildError) return complain(error.message, 1);
    throw error;
  }

  const openConsole = async (): Promise<number> => {
    const args = [join(projectRoot, 'out', 'main', 'console.js'), ...(values.port === undefined ? [] : ['--port', values.port]), ...(values.open ? [] : ['--no-open'])];
    return (await runProgram(process.execPath, args, process.env)).code;
  };
  if (values.console) return openConsole();

  const desktop = await findDesktop();
  if ('missing' in desktop) {
    if (values.desktop) return complain(`The desktop cannot be opened: ${desktop.missing}.`, 1);
    console.error(`Opening the console in place of the desktop: ${desktop.missing}.`);
    return openConsole();
  }
  console.error('Opening the desktop. (The console instead: npm start -- --console)');
  const { ELECTRON_RUN_AS_NODE: _removed, ...environment } = process.env;
  const { code, ranMs } = await runProgram(desktop.path, [projectRoot], environment);
  if (code === 0 || values.desktop || ranMs > startMs) return code;
  console.error(`Electron ended with ${code} before it had shown a window (see above). Opening the console in its place.`);
  return openConsole();
}

async function findDesktop(): Promise<{ path: string } | { missing: string }> {
  const obstacle = obstacleToDesktop({
    platform: process.platform,
    environment: process.env,
    userId: process.geteuid?.(),
    restrictedNamespaces: existsSync(restriction) && readFileSync(restriction, 'utf8').trim() === '1' && !hasSetuidSandbox(),
  });
  if (obstacle !== null) return { missing: obstacle };
  const found = await electronBinary({
    packageFolder: join(projectRoot, 'node_modules', 'electron'),
    memory: join(projectRoot, 'node_modules', '.cache', 'bulkhead', 'electron-download'),
    environment: process.env,
    onDownload: () => console.error('downloading Electron (about 110 MB, once) …'),
  });
  return 'missing' in found ? { missing: `Electron is not there: ${found.missing}` } : found;
}

/** Electron's other sandbox, which needs no namespaces; it works only where somebody has given it to root. */
function hasSetuidSandbox(): boolean {
  const sandbox = statSync(join(projectRoot, 'node_modules', 'electron', 'dist', 'chrome-sandbox'), { throwIfNoEntry: false });
  return sandbox?.uid === 0 && (sandbox.mode & 0o4000) !== 0;
}

function complain(message: string, code: number): number {
  console.error(message);
  return code;
}

process.exitCode = await main();
