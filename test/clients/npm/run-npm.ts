import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface NpmResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A home of its own for npm: its settings, its cache, its log-ins; nothing of the machine's user. */
export class NpmHome {
  readonly #folder: string;
  readonly #registry: string;

  readonly #program: string;

  private constructor(folder: string, registry: string, program = 'npm') {
    this.#folder = folder;
    this.#registry = registry;
    this.#program = program;
  }

  /** The same home for another program that reads npm's settings. */
  with(program: string): NpmHome {
    return new NpmHome(this.#folder, this.#registry, program);
  }

  /** @param registry ends in "/" @param settings further lines of `.npmrc` */
  static async create(folder: string, registry: string, settings: readonly string[] = []): Promise<NpmHome> {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, '.npmrc'), [`registry=${registry}`, 'fund=false', 'update-notifier=false', 'progress=false', ...settings, ''].join('\n'));
    return new NpmHome(folder, registry);
  }

  get registry(): string {
    return this.#registry;
  }

  /** Line of `.npmrc` with which npm sends user name and password. */
  static basic(registry: string, { user, password }: { readonly user: string; readonly password: string }): string {
    return `${registry.replace(/^https?:/, '')}:_auth=${Buffer.from(`${user}:${password}`).toString('base64')}`;
  }

  /** Empties npm's own cache. */
  async forget(): Promise<void> {
    await rm(join(this.#folder, 'cache'), { recursive: true, force: true });
  }

  /** The machine's npm, whatever its version. */
  async run(cwd: string, args: readonly string[]): Promise<NpmResult> {
    return this.answer(cwd, args, []);
  }

  /** The same for a command that asks: each answer is given when its question is there. */
  async answer(cwd: string, args: readonly string[], answers: readonly (readonly [question: string, answer: string])[]): Promise<NpmResult> {
    const { PATH } = process.env;
    const child = spawn(this.#program, args, {
      cwd, stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        PATH, HOME: this.#folder, npm_config_userconfig: join(this.#folder, '.npmrc'), npm_config_globalconfig: join(this.#folder, 'global.npmrc'),
        npm_config_cache: join(this.#folder, 'cache'), NO_COLOR: '1',
      },
    });
    const waiting = [...answers];
    let stdout = '';
    let stderr = '';
    const look = (): void => {
      const [next] = waiting;
      if (next === undefined || !(stdout + stderr).includes(next[0])) return;
      waiting.shift();
      child.stdin.write(`${next[1]}\n`);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => { stdout += text; look(); });
    child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text; look(); });
    if (answers.length === 0) child.stdin.end();
    const exitCode = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    });
    return { exitCode, stdout, stderr };
  }
}
