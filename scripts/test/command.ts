import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface CommandOptions {
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly limitMs: number;
  /** gets each line as the command prints it; otherwise its output is kept for the result */
  readonly onLine?: (line: string) => void;
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
    const child = spawn(process.execPath, [...args], {
      cwd: options.cwd, env: { ...process.env, ...options.environment }, stdio: ['ignore', 'pipe', 'pipe'], detached: true,
    });
    running.add(child);
    const printed: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) {
      if (options.onLine === undefined) stream.on('data', (chunk: Buffer) => printed.push(chunk));
      else createInterface({ input: stream }).on('line', options.onLine);
    }
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
