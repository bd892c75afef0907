import { execFile } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Which cores the server and what loads it have; null: nothing is pinned, on a machine with one core or without taskset. */
export interface Cores { readonly server: string; readonly generator: string }

async function look(): Promise<Cores | null> {
  if (process.platform !== 'linux' || availableParallelism() < 2) return null;
  try {
    await run('taskset', ['--version']);
    return { server: '0', generator: '1' };
  } catch {
    return null;
  }
}

/** The server has core 0; generator, database and this process have core 1. */
export const cores: Cores | null = await look();

/** A command line that runs on a core from its beginning. */
export function pinned(to: keyof Cores, command: string, args: readonly string[]): [string, string[]] {
  return cores === null ? [command, [...args]] : ['taskset', ['-c', cores[to], command, ...args]];
}

/** Moves a running process, with all its threads; what it starts later inherits it. */
export async function pin(pid: number, to: keyof Cores): Promise<void> {
  if (cores !== null) await run('taskset', ['-a', '-c', '-p', cores[to], String(pid)]);
}
