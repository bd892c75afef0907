import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { killAtExit, killTree, waitUntilGone } from '../../test/harness/processes.ts';

/** Nothing is begun with less time than this, seconds. */
const shortestRow = 45;
/** One row may not take the time of all others, seconds. */
const longestRow = 300;
/** For its servers and folders, once a row has been told to end, milliseconds. */
const lastSeconds = 10_000;

/**
 * Measures rows one after the other until the time is over, each in a process of its own: one that hangs costs its own result and nothing else.
 *
 * @param passedOn further options of each process
 * @returns exit status: 1 when a row that was begun has not been measured
 */
export async function withinMinutes(minutes: number, names: readonly string[], passedOn: readonly string[]): Promise<number> {
  const deadline = performance.now() + minutes * 60_000;
  let failed = 0;
  for (const name of names) {
    const seconds = Math.min(longestRow, (deadline - performance.now()) / 1000);
    if (seconds < shortestRow) {
      console.error(`${name}: no time left`);
      continue;
    }
    if (await measured(name, seconds, passedOn) !== 0) failed = 1;
  }
  return failed;
}

async function measured(name: string, seconds: number, passedOn: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../main.ts'), '--only', name, ...passedOn], { stdio: 'inherit' });
  killAtExit(child);
  const pid = child.pid ?? 0;
  const ended = once(child, 'exit');
  let end: NodeJS.Timeout | undefined;
  const late = setTimeout(() => {
    console.error(`${name}: its ${seconds.toFixed(0)} seconds are over`);
    child.kill('SIGTERM');
    end = setTimeout(() => { void waitUntilGone(killTree(pid)); }, lastSeconds);
  }, seconds * 1000);
  const [status] = await ended as [number | null];
  clearTimeout(late);
  clearTimeout(end);
  return status;
}
