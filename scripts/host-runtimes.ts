/**
 * `node scripts/host-runtimes.ts`: puts the Node.js that is sent to hosts below out/host-runtime, for each CPU, where the packaging takes it
 * from. The packages come from the registry that npm is configured for; npm checks them against its own checksums.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from './build.ts';

const run = promisify(execFile);
export const hostCpus = ['x64', 'arm64'] as const;
export const runtimeFolder = join(projectRoot, 'out', 'host-runtime');

/** Below the folder of runtimes. */
export function runtimeFile(cpu: (typeof hostCpus)[number]): string {
  return join(`linux-${cpu}`, 'node');
}

/** Fetches the same version for one CPU. A file that is there is replaced as a whole. */
async function fetchRuntime(cpu: (typeof hostCpus)[number], version: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'bulkhead-runtime-'));
  try {
    const { stdout } = await run('npm', ['pack', `node-linux-${cpu}@${version}`, '--silent', '--pack-destination', folder]);
    await run('tar', ['-xzf', join(folder, stdout.trim().split('\n').at(-1) ?? ''), '-C', folder, 'package/bin/node']);
    const file = join(runtimeFolder, runtimeFile(cpu));
    await mkdir(dirname(file), { recursive: true });
    const draft = `${file}.new`;
    await run('cp', [join(folder, 'package/bin/node'), draft]);
    await chmod(draft, 0o755);
    await rename(draft, file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  for (const cpu of hostCpus) {
    await fetchRuntime(cpu, process.versions.node);
    console.log(`out/host-runtime/linux-${cpu}/node is Node.js ${process.versions.node}`);
  }
}
