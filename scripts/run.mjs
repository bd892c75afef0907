/**
 * node scripts/run.mjs <script> [arguments]
 *
 * Runs a script on the Node.js that this project brings (an optional dependency for each platform), whatever Node.js
 * started it. Plain JavaScript that any Node.js since 18 understands. Install scripts are switched off (.npmrc): nothing
 * runs at install time, and what an install leaves undone is done here.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const minimum = 24;

const readJson = (file) => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
};

/** What of the lock file is not installed as the lock file says; undefined when nothing is installed at all. */
function misfits() {
  const locked = readJson(join(root, 'package-lock.json'))?.packages;
  const installed = readJson(join(modules, '.package-lock.json'))?.packages;
  if (installed === undefined) return undefined;
  if (locked === undefined) return [];
  return Object.entries(locked)
    .filter(([path, { version, optional }]) => path !== '' && installed[path]?.version !== version && !(optional && installed[path] === undefined))
    .map(([path]) => path.replace(/^node_modules\//, ''));
}

/** The Node.js of this project for this platform; undefined when there is none. */
function ownNode() {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const names = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`];
  const require = createRequire(import.meta.url);
  for (const name of names) {
    try {
      const file = join(dirname(require.resolve(`${name}/package.json`)), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
      if (existsSync(file)) return file;
    } catch {
      // not for this platform
    }
  }
  return undefined;
}

/** npm 10 removes this link together with the packages for other platforms, which have one of the same name. */
function linkNode(node) {
  if (process.platform === 'win32') return;
  try {
    mkdirSync(join(modules, '.bin'), { recursive: true });
    symlinkSync(node, join(modules, '.bin', 'node'));
  } catch {
    // it is there, or the folder is read-only: PATH below is enough for what is started here
  }
}

function fail(message) {
  console.error(message);
  process.exit(1);
}

function run(node, args) {
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH ?? ''}` };
  // one process instead of two, where the system can
  if (process.platform !== 'win32' && typeof process.execve === 'function') process.execve(node, [node, ...args], env);
  const child = spawn(node, args, { stdio: 'inherit', env });
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
    process.on(signal, () => {
      // a terminal sends Ctrl-C to both
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.once('error', (error) => fail(String(error)));
  child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) fail('usage: node scripts/run.mjs <script> [arguments]');
const wrong = misfits();
if (wrong === undefined) fail('Nothing is installed yet: run "npm ci" first.');
if (wrong.length > 0) {
  const some = wrong.slice(0, 3).join(', ');
  fail(`node_modules is of another version (${some}${wrong.length > 3 ? ', …' : ''}): run "npm ci".`);
}
const own = ownNode();
if (own !== undefined) linkNode(own);
const node = own ?? process.execPath;
if (own === undefined && Number(process.versions.node.split('.')[0]) < minimum) {
  fail(`Node.js ${minimum} is needed, and there is none for ${process.platform}-${process.arch} among the packages: install Node.js ${minimum} and try again.`);
}
run(node, [join(root, script), ...rest]);
