import { randomUUID } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** Written by tools for themselves, not by us: no leak. */
const caches = new Set(['home', 'node-compile-cache', 'v8-compile-cache-0', 'jiti']);
/** Chromium's own, which it does not always remove; a browser that was left is found as a process. */
const ofBrowser = /^(org|com)\.chromium\.Chromium\./i;

/** Where one run of the tests may write, and how its processes are known again. */
export class RunFolder {
  readonly path: string;
  readonly #id = randomUUID();

  constructor() {
    // short: the path of a Unix socket below may have 107 bytes
    this.path = mkdtempSync(join(tmpdir(), 'bulkhead-run-'));
    chmodSync(this.path, 0o711);
    mkdirSync(join(this.path, 'home'));
  }

  /** For everything that is started: temporary files and a user's data go below the folder. */
  get environment(): Record<string, string> {
    const home = (name: string): string => join(this.path, 'home', name);
    return {
      TMPDIR: this.path,
      BULKHEAD_TEST_RUN: this.#id,
      XDG_DATA_HOME: home('data'), XDG_CONFIG_HOME: home('config'), XDG_STATE_HOME: home('state'), XDG_CACHE_HOME: home('cache'),
    };
  }

  /** Processes of this run: they carry its mark, or its folder in their command line or as working directory. Linux only. */
  processes(): { pid: number; command: string }[] {
    if (process.platform !== 'linux') return [];
    const found: { pid: number; command: string }[] = [];
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid === process.pid) continue;
      const command = read(`/proc/${name}/cmdline`).replaceAll('\0', ' ').trim();
      const isOurs = read(`/proc/${name}/environ`).includes(`BULKHEAD_TEST_RUN=${this.#id}`) ||
        command.includes(this.path) || workingDirectory(name).startsWith(this.path);
      if (isOurs && command !== '') found.push({ pid, command });
    }
    return found;
  }

  /** What a clean run has left by now: one line each. Processes get a moment to end; then they are killed. */
  async leaks(): Promise<string[]> {
    const deadline = performance.now() + 5000;
    while (this.processes().length > 0 && performance.now() < deadline) await pause(50);
    const processes = this.processes();
    const folders = readdirSync(this.path).filter((name) => !caches.has(name) && !ofBrowser.test(name));
    for (const { pid } of processes) kill(pid);
    return [
      ...processes.map(({ pid, command }) => `process ${String(pid)}: ${command.slice(0, 160)}`),
      ...folders.map((name) => `temporary files: ${join(this.path, name)}`),
    ];
  }

  /** Ends everything of this run and removes the folder. */
  remove(): void {
    for (const { pid } of this.processes()) kill(pid);
    rmSync(this.path, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function workingDirectory(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return '';
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // gone by itself
  }
}
