import { spawn, type ChildProcess } from 'node:child_process';

export interface CommandOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** let the command write to the terminal as it goes; otherwise its output is kept */
  readonly live?: boolean;
}

export interface CommandResult {
  /** null when it was stopped because of its limit, or by a signal */
  readonly exitCode: number | null;
  readonly output: string;
  readonly seconds: number;
  readonly timedOut: boolean;
}

const running = new Set<ChildProcess>();

/** Ends every command that runs, with all processes of its group. */
export function stopCommands(): void {
  for (const child of running) killGroup(child);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // gone by itself
  }
}

/** Runs a script of node_modules, or of ours, with this Node.js, in a process group of its own and without input. */
export function runNode(args: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const out = options.live === true ? 'inherit' : 'pipe';
    const child = spawn(process.execPath, [...args], {
      cwd: options.cwd, env: { ...process.env, ...options.environment }, stdio: ['ignore', out, out], detached: true,
    });
    running.add(child);
    const printed: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => printed.push(chunk));
    let timedOut = false;
    const limit = setTimeout(() => {
      timedOut = true;
      killGroup(child);
    }, options.limitMs);
    child.once('error', reject);
    child.once('close', (exitCode) => {
      clearTimeout(limit);
      running.delete(child);
      resolve({ exitCode, output: Buffer.concat(printed).toString('utf8').trim(), seconds: (performance.now() - started) / 1000, timedOut });
    });
  });
}
