import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../scripts/build.ts';

let installing: Promise<string> | undefined;

/** The folder with peers from the npm registry, installed once into a cache folder, as the committed lock file says, without install scripts. */
export function peersFromNpm(): Promise<string> {
  installing ??= install();
  return installing;
}

async function install(): Promise<string> {
  const source = join(import.meta.dirname, 'npm');
  const lock = await readFile(join(source, 'package-lock.json'));
  const folder = join(projectRoot, 'node_modules/.cache/bulkhead-bench', createHash('sha256').update(lock).digest('hex').slice(0, 16));
  if (await stat(folder).then(() => true, () => false)) return folder;
  console.error(`installing Verdaccio and autocannon from the npm registry into ${folder} (once)`);
  const making = `${folder}.${String(process.pid)}`;
  await mkdir(join(folder, '..'), { recursive: true });
  await cp(source, making, { recursive: true });
  try {
    await promisify(execFile)('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: making });
    await rename(making, folder);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return folder;
}
