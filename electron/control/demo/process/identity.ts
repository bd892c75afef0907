import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What makes a process that one and no other: a pid alone is given again by the operating system. */
export interface ProcessIdentity {
  readonly pid: number;
  /** opaque; differs between two processes that had the same pid, also over a reboot */
  readonly startedAs: string;
}

/** `frozen` is SIGSTOP; a zombie, and a pid that now belongs to somebody else, is `stopped`. */
export type ProcessCondition = 'running' | 'frozen' | 'stopped';

interface Sight {
  readonly startedAs: string;
  readonly condition: ProcessCondition;
}

/** The identity of a live process; null when there is none with this pid. */
export async function identify(pid: number): Promise<ProcessIdentity | null> {
  const sight = await look(pid);
  return sight === null || sight.condition === 'stopped' ? null : { pid, startedAs: sight.startedAs };
}

export async function conditionOf(identity: ProcessIdentity): Promise<ProcessCondition> {
  const sight = await look(identity.pid);
  return sight?.startedAs === identity.startedAs ? sight.condition : 'stopped';
}

/** Sends a signal, unless the process has ended or the pid is somebody else's by now. Tells whether it was sent. */
export async function sendSignal(identity: ProcessIdentity, signal: NodeJS.Signals): Promise<boolean> {
  if ((await conditionOf(identity)) === 'stopped') return false;
  try {
    process.kill(identity.pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}

/** Waits until the process has ended. False when it has not within `timeoutMs`. */
export async function waitForEnd(identity: ProcessIdentity, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while ((await conditionOf(identity)) !== 'stopped') {
    if (performance.now() > end) return false;
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
  return true;
}

function look(pid: number): Promise<Sight | null> {
  if (process.platform === 'linux') return lookInProc(pid);
  return process.platform === 'win32' ? lookWithPowerShell(pid) : lookWithPs(pid);
}

let bootId: Promise<string> | undefined;

/** proc(5): after the last ")" of /proc/pid/stat come the state (field 3) and, as field 22, the start in ticks since boot. */
async function lookInProc(pid: number): Promise<Sight | null> {
  let stat: string;
  try {
    stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null;
  }
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  bootId ??= readFile('/proc/sys/kernel/random/boot_id', 'utf8').then((text) => text.trim(), () => 'unknown-boot');
  return { startedAs: `${await bootId}/${fields[19] ?? ''}`, condition: conditionOfLetter(fields[0] ?? 'X') };
}

async function lookWithPs(pid: number): Promise<Sight | null> {
  try {
    const { stdout } = await run('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { env: { ...process.env, LC_ALL: 'C' } });
    const [, state = 'X', startedAs = ''] = /^\s*(\S+)\s+(.*\S)\s*$/.exec(stdout) ?? [];
    return { startedAs, condition: conditionOfLetter(state[0] ?? 'X') };
  } catch {
    return null;
  }
}

async function lookWithPowerShell(pid: number): Promise<Sight | null> {
  try {
    const { stdout } = await run('powershell.exe', ['-NoProfile', '-NonInteractive', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]);
    return { startedAs: stdout.trim(), condition: 'running' };
  } catch {
    return null;
  }
}

function conditionOfLetter(letter: string): ProcessCondition {
  if (letter === 'T') return 'frozen';
  return letter === 'Z' || letter === 'X' || letter === 'x' ? 'stopped' : 'running';
}
