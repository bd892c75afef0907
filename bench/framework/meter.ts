import { readFileSync } from 'node:fs';
import { descendantsOf } from '../../test/harness/processes.ts';

/** CLK_TCK of every Linux that Node.js runs on */
const ticksPerSecond = 100;
const pageBytes = 4096;

function fieldsOf(pid: number): string[] {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

const all = (pid: number): number[] => [pid, ...descendantsOf(pid)];

/** Processor seconds that a process and what it started have used; 0 when it is gone (and off Linux). */
export function cpuSeconds(pid: number): number {
  return all(pid).reduce((sum, each) => {
    const fields = fieldsOf(each);
    return sum + (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / ticksPerSecond;
  }, 0);
}

/** Resident bytes of a process and of what it started. */
export function residentBytes(pid: number): number {
  return all(pid).reduce((sum, each) => sum + Number(fieldsOf(each)[21] ?? 0) * pageBytes, 0);
}

/** Highest resident bytes of a process from now on; looks every 20 ms. */
export function watchMemory(pid: number): { highest(): number; stop(): void } {
  let highest = residentBytes(pid);
  const timer = setInterval(() => { highest = Math.max(highest, residentBytes(pid)); }, 20);
  return { highest: () => highest, stop: () => { clearInterval(timer); } };
}

/** Share of a core that each process uses while nobody asks it for anything, seen over two seconds: heartbeats, timers, collectors. */
export async function idleShares<Name extends string>(pids: Readonly<Record<Name, number>>): Promise<Record<Name, number>> {
  const seconds = 2;
  const names = Object.keys(pids) as Name[];
  const before = names.map((name) => cpuSeconds(pids[name]));
  await new Promise((resolve) => { setTimeout(resolve, seconds * 1000); });
  return Object.fromEntries(names.map((name, index) => [name, (cpuSeconds(pids[name]) - (before[index] ?? 0)) / seconds])) as Record<Name, number>;
}
