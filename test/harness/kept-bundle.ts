import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeBundle } from '../../scripts/build-node.ts';
import { testCache } from './test-cache.ts';

/** What V8 has compiled of a bundle; nodes find it again by the bundle's path. */
export const compileCache = join(testCache, 'compiled');

/**
 * A copy of the built bundle under a name of its content: somebody may build while nodes of it run and are started again, and what
 * was compiled for one cluster serves the next.
 */
export async function keptBundle(): Promise<string> {
  const bytes = await readFile(nodeBundle);
  const folder = join(testCache, `node-${createHash('sha256').update(bytes).digest('hex').slice(0, 12)}`);
  const kept = join(folder, 'bulkhead-node.cjs');
  const present = await readFile(kept).catch(() => undefined);
  if (present?.equals(bytes) === true) return kept;
  await mkdir(folder, { recursive: true });
  const draft = `${kept}.${String(process.pid)}`;
  await copyFile(nodeBundle, draft);
  await rename(draft, kept);
  return kept;
}
