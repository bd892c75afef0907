import { createHash } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Files that no build reads: editing a test does not make the product stale. */
const beside = /\.test\.ts$|(^|\/)\.[^/]*$/;

async function filesBelow(root: string, path: string): Promise<string[]> {
  const found = await stat(join(root, path)).catch(() => undefined);
  if (found === undefined || beside.test(path)) return [];
  if (!found.isDirectory()) return [path];
  const names = await readdir(join(root, path));
  return (await Promise.all(names.map((name) => filesBelow(root, `${path}/${name}`)))).flat();
}

/** SHA-256 over names and contents of `inputs` (files or folders below `root`); one that is absent counts as empty. */
export async function fingerprint(root: string, inputs: readonly string[], extra: readonly string[] = []): Promise<string> {
  const files = (await Promise.all(inputs.map((input) => filesBelow(root, input)))).flat().sort();
  const hash = createHash('sha256');
  for (const part of extra) hash.update(`${part}\0`);
  for (const file of new Set(files)) {
    const content = await readFile(join(root, file));
    hash.update(`${file}\0${String(content.length)}\0`).update(content);
  }
  return hash.digest('hex');
}
