import { spawn } from 'node:child_process';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fingerprint } from './fingerprint.ts';
import { withLock } from './lock.ts';
import { missingOutputs, type Part } from './parts.ts';

export interface BuildOptions {
  /** folder that the part's paths are relative to */
  readonly root: string;
  /** build even when nothing changed */
  readonly force?: boolean;
  /** told when a part is really being built */
  readonly onBuild?: (title: string) => void;
}

/** A build that failed: the message holds the command and what it printed. */
export class BuildError extends Error {
  override readonly name = 'BuildError';
}

/** Runs the part's command quietly; what it printed is told only when it failed. */
function execute(root: string, part: Part): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...part.command], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const printed: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => printed.push(chunk));
    child.once('error', reject);
    child.once('close', (code, signal) => {
      const text = Buffer.concat(printed).toString('utf8').trim();
      const missing = missingOutputs(root, part);
      if (code === 0 && missing.length === 0) return resolve();
      const reason = code === 0 ? `it did not write ${missing.join(', ')}` : `it ended with ${String(signal ?? code)}`;
      reject(new BuildError(`building the ${part.title} failed: ${reason}\n$ node ${part.command.join(' ')}\n${text}`));
    });
  });
}

/**
 * Builds a part unless its outputs are there and came from exactly these inputs. Safe when several processes ask at
 * once: one builds, the others wait and find it done. Resolves to whether it was built now; throws `BuildError`.
 */
export async function ensurePart(name: string, part: Part, options: BuildOptions): Promise<boolean> {
  const { root } = options;
  const state = join(root, 'out', '.build');
  const stamp = join(state, `${name}.fingerprint`);
  const isCurrent = async (wanted: string): Promise<boolean> =>
    missingOutputs(root, part).length === 0 && (await readFile(stamp, 'utf8').catch(() => '')) === wanted;
  const want = (): Promise<string> => fingerprint(root, part.inputs, [process.version, ...part.command]);

  if (options.force !== true && await isCurrent(await want())) return false;
  return withLock(join(state, `${name}.lock`), async () => {
    // taken before the build: what is edited while it runs makes the part stale again
    const wanted = await want();
    if (options.force !== true && await isCurrent(wanted)) return false;
    options.onBuild?.(part.title);
    await rm(stamp, { force: true });
    await execute(root, part);
    await mkdir(state, { recursive: true });
    await writeFile(stamp, wanted);
    return true;
  });
}
