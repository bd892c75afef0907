import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { compileCache } from './kept-bundle.ts';
import { killAtExit, killTree, sendSignal, waitUntilGone } from './processes.ts';

export interface ServiceSpec {
  readonly name: string;
  /** command line of Node.js: script first */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
}

/** One program that a test starts, kills, freezes and starts again. What it prints goes to a file. */
export class Service {
  readonly #spec: ServiceSpec;
  #child: ChildProcess | undefined;

  constructor(spec: ServiceSpec) {
    this.#spec = spec;
  }

  get name(): string {
    return this.#spec.name;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.#child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  async spawn(env: Readonly<Record<string, string>> = {}, args = this.#spec.args): Promise<void> {
    if (this.isRunning) throw new Error(`${this.name} runs already`);
    const { cwd, logFile } = this.#spec;
    const log = await open(logFile, 'a');
    // on Linux the kernel ends it when this process dies, however it dies
    const [command, before] = process.platform === 'linux' ? ['setpriv', ['--pdeathsig=KILL', process.execPath]] : [process.execPath, []];
    const child = spawn(command, [...before, ...args], {
      cwd, stdio: ['ignore', log.fd, log.fd], env: { ...process.env, NODE_COMPILE_CACHE: compileCache, ...this.#spec.env, ...env },
    });
    await once(child, 'spawn');
    await log.close();
    killAtExit(child);
    this.#child = child;
  }

  signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid === undefined || !sendSignal(pid, signal)) throw new Error(`${this.name} does not run`);
  }

  /** SIGKILL, children included; resolves when all are gone. Harmless when it does not run. */
  async kill(): Promise<void> {
    const { pid } = this;
    if (pid !== undefined) await waitUntilGone(killTree(pid));
    this.#child = undefined;
  }

  /** SIGTERM; resolves to the exit code. Rejects when it has not ended in time. */
  async stop(timeoutMs: number): Promise<number> {
    const child = this.#child;
    if (child === undefined || !this.isRunning) return 0;
    const ended = once(child, 'exit', { signal: AbortSignal.timeout(timeoutMs) });
    this.signal('SIGTERM');
    await ended;
    return child.exitCode ?? -1;
  }

  log(): Promise<string> {
    return readFile(this.#spec.logFile, 'utf8').catch(() => '');
  }

  /** For an error message: what it printed last. */
  async lastWords(): Promise<string> {
    const state = this.isRunning ? 'runs' : `has ended (${String(this.#child?.exitCode ?? this.#child?.signalCode ?? 'never started')})`;
    return `${this.name} ${state}; its last words:\n${(await this.log()).split('\n').slice(-15).join('\n')}`;
  }
}
