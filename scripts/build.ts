/**
 * `npm run build [-- node app] [-- --force]`: builds what is stale.
 * Others call `ensureBuilt` before they use something from `out/`.
 */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BuildError, ensurePart } from './build/ensure.ts';
import { partNames, parts, type PartName } from './build/parts.ts';

export { BuildError } from './build/ensure.ts';
export type { PartName } from './build/parts.ts';

/** Root of the checkout. */
export const projectRoot = dirname(dirname(fileURLToPath(import.meta.url)));

export interface EnsureBuiltOptions {
  readonly force?: boolean;
  /** told once for each part that is really being built */
  readonly onBuild?: (title: string) => void;
}

/** Makes sure that `which` (everything when left out) is built from the present sources. Throws `BuildError`. */
export async function ensureBuilt(which: readonly PartName[] = partNames, options: EnsureBuiltOptions = {}): Promise<void> {
  for (const name of which) await ensurePart(name, parts[name], { root: projectRoot, ...options });
}

function isPartName(name: string): name is PartName {
  return name in parts;
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { force: { type: 'boolean', default: false } } });
  const unknown = positionals.filter((name) => !isPartName(name));
  if (unknown.length > 0) {
    console.error(`unknown part ${unknown.join(', ')}; there are: ${partNames.join(', ')}`);
    return 2;
  }
  const wanted = positionals.filter(isPartName);
  const started = performance.now();
  const built: string[] = [];
  try {
    await ensureBuilt(wanted.length > 0 ? wanted : partNames, { force: values.force, onBuild: (title) => built.push(title) });
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    console.error(error.message);
    return 1;
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(built.length === 0 ? 'everything is up to date' : `built in ${seconds} s: ${built.join(', ')}`);
  return 0;
}

if (import.meta.main) process.exitCode = await main();
