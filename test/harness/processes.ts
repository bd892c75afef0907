import { readdirSync, readFileSync } from 'node:fs';
import type { ChildProcess } from 'node:child_process';
import { waitFor } from './wait-for.ts';

/** Children of this process that still run; whatever a failed test forgets is killed with it. */
const running = new Set<ChildProcess>();
let listening = false;

/** Kills `child`, with all it started, at the latest when this process exits. */
export function killAtExit(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
  if (listening) return;
  listening = true;
  process.on('exit', () => {
    for (const each of running) if (each.pid !== undefined) killTree(each.pid);
  });
}

/** Parent of a process; undefined when it is gone. Linux only. */
function parentOf(pid: number): number | undefined {
  try {
    // the name, in parentheses, may hold spaces: fields are counted from the last one
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined;
  }
}

/** Ids of all processes below `pid`, at any depth. */
export function descendantsOf(pid: number): number[] {
  if (process.platform !== 'linux') return [];
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const queue = [pid];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    queue.push(...below);
  }
  return found;
}

/** Sends `signal`; false when the process is gone. */
export function sendSignal(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}

/** Kills a process and everything below it. The parent is stopped first, so that it cannot start more meanwhile. */
export function killTree(pid: number): number[] {
  sendSignal(pid, 'SIGSTOP');
  const all = [...descendantsOf(pid), pid];
  for (const each of all) sendSignal(each, 'SIGKILL');
  return all;
}

/** Whether a process exists and is more than an entry that its parent has not collected yet. */
export function isAlive(pid: number): boolean {
  if (process.platform === 'linux') {
    try {
      const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
      return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
    } catch {
      return false;
    }
  }
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

export async function waitUntilGone(pids: readonly number[]): Promise<void> {
  await waitFor(`the end of process ${pids.join(', ')}`, () => !pids.some(isAlive));
}
