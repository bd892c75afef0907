import { readFile } from 'node:fs/promises';

/** Resident memory of a process, MiB (Linux; elsewhere 0). */
export async function residentMiB(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024);
}

/** Looks once a second, for the peak. */
export class MemoryWatch {
  peak = 0;
  readonly #pid: number;
  readonly #timer: NodeJS.Timeout;

  constructor(pid: number) {
    this.#pid = pid;
    this.#timer = setInterval(() => { void this.look(); }, 1000);
  }

  async look(): Promise<number> {
    const now = await residentMiB(this.#pid);
    this.peak = Math.max(this.peak, now);
    return now;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
