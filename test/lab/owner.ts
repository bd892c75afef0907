import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from '../harness/processes.ts';
import { waitFor } from '../harness/wait-for.ts';

/** Says which process has the lab of this machine; outside the lab's folder, so that it is there before it. */
const ownerFile = '/run/bulkhead-lab.owner';

/** Waits until no other process has a lab, and takes its place. Throws when that takes too long. */
export async function becomeOwner(waitMs: number): Promise<void> {
  await waitFor('the other lab on this machine to end', () => {
    const owner = currentOwner();
    if (owner !== undefined && owner !== process.pid && isRunning(owner)) throw new Error(`process ${owner} has it`);
    if (owner !== undefined) rmSync(ownerFile, { force: true });
    writeFileSync(ownerFile, String(process.pid), { flag: 'wx' });
    return true;
  }, { timeoutMs: waitMs, everyMs: 100 });
}

export function isOwner(pid: number): boolean {
  return currentOwner() === pid;
}

export function giveUpOwnership(pid: number): void {
  if (isOwner(pid)) rmSync(ownerFile, { force: true });
}

function currentOwner(): number | undefined {
  try {
    return Number(readFileSync(ownerFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether a process has the number and can be a lab's. */
function isRunning(pid: number): boolean {
  try {
    return isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('node');
  } catch {
    return false;
  }
}
