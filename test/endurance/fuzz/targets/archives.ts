import { gzipSync } from 'node:zlib';
import { makeTar, makeTgz, makeZip, type MadeEntry } from '../../../harness/archives.ts';
import type { Mutation } from '../mutation.ts';
import { ask, local, root, type Target, text } from '../target.ts';

function entriesOf(mutation: Mutation): MadeEntry[] {
  return Array.from({ length: 1 + mutation.random.below(5) }, (_, at): MadeEntry => ({
    name: mutation.maybe(`dir/file${String(at)}.txt`, 0.4).slice(0, 90), content: mutation.odd(),
    ...(mutation.chance(0.1) ? { declared: { size: mutation.random.pick([0, 1, 2 ** 31, 0xffffffff]) } } : {}),
    ...(mutation.chance(0.1) ? { type: mutation.random.pick(['1', '2', '3', '5', '6', 'x', 'L', 'g']), mode: 0o120777 } : {}),
  }));
}

let bomb: Buffer | undefined;

/** Archives that are to be unpacked, and entries that are read out of stored ones. */
export const archives: Target = (mutation) => {
  if (mutation.chance(0.25)) {
    const target = mutation.random.pick([`archive.zip!/inside.txt`, `archive.tgz!/inside.txt`, `damaged${String(mutation.random.below(20))}.zip!/dir/file0.txt`, `damaged${String(mutation.random.below(20))}.tgz!/dir/file0.txt`]);
    return ask(mutation.chance(0.8) ? 'GET' : 'HEAD', `${root}/${local.generic}/${mutation.maybe(target, 0.5)}`);
  }
  const kind = mutation.random.pick(['zip', 'tar', 'tgz', 'tar.gz', 'jar', 'whl'] as const);
  const entries = entriesOf(mutation);
  let bytes = kind === 'tar' ? makeTar(entries) : kind === 'tgz' || kind === 'tar.gz' ? makeTgz(entries) : makeZip(entries);
  if (mutation.chance(0.01)) bytes = bomb ??= gzipSync(Buffer.alloc(200 * 1024 * 1024), { level: 9 });
  else if (mutation.chance(0.6)) bytes = mutation.bytes(bytes);
  if (mutation.chance(0.4)) return ask('PUT', `${root}/${local.generic}/damaged${String(mutation.random.below(20))}.${kind}`, { body: bytes });
  const headers: [string, string][] = [[mutation.chance(0.7) ? 'X-Explode-Archive' : 'X-Explode-Archive-Atomic', 'true']];
  return ask('PUT', `${root}/${local.generic}/exploded/${String(mutation.random.below(5))}/a.${mutation.maybe(kind, 0.05)}`, { headers, body: mutation.chance(0.02) ? text(mutation.odd()) : bytes });
};
