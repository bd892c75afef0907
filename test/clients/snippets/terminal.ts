import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { killAtExit } from '../../harness/processes.ts';

/** What a person types when a program asks: the beginning of its question, and the answer. */
export type Answer = readonly [question: RegExp, answer: string];

/** A terminal of somebody who has a home of their own and nothing in it, into which snippets are pasted as they are. */
export class Terminal {
  readonly home: string;
  readonly #environment: Readonly<Record<string, string>>;

  /** @param environment what was exported before, for example BULKHEAD_TOKEN */
  constructor(home: string, environment: Readonly<Record<string, string>> = {}) {
    this.home = home;
    this.#environment = environment;
  }

  /** Writes a file as its label says: `~/.m2/settings.xml`. */
  async write(label: string, text: string): Promise<void> {
    const path = join(this.home, label.replace(/^~\//, ''));
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, `${text}\n`, { mode: 0o600 });
  }

  /**
   * Pastes lines into a shell that stops at the first one that fails, on a terminal, so that programs ask for passwords as they do.
   * @param folder below the home
   * @returns everything that was to be seen
   * @throws Error with all of that when a line fails, or a question was never asked
   */
  async paste(folder: string, text: string, answers: readonly Answer[] = []): Promise<string> {
    const cwd = join(this.home, folder);
    await mkdir(cwd, { recursive: true });
    const script = join(this.home, 'pasted.sh');
    await writeFile(script, `set -e\n${text}\n`);
    const child = spawn('script', ['--quiet', '--return', '--flush', '--command', `bash ${script}`, '/dev/null'], {
      cwd, stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: this.home, XDG_RUNTIME_DIR: this.home, TMPDIR: this.home, TERM: 'dumb', LC_ALL: 'C.UTF-8', NO_COLOR: '1', ...this.#environment },
    });
    killAtExit(child);
    const waiting = [...answers];
    let seen = '';
    let looked = 0;
    const hear = (chunk: string): void => {
      seen += chunk;
      const [next] = waiting;
      if (next?.[0].test(seen.slice(looked)) !== true) return;
      waiting.shift();
      looked = seen.length;
      child.stdin.write(`${next[1]}\r`);
    };
    child.stdout.setEncoding('utf8').on('data', hear);
    child.stderr.setEncoding('utf8').on('data', hear);
    const [exitCode] = await once(child, 'close') as [number | null];
    if (exitCode !== 0 || waiting.length > 0) throw new Error(`${text}\nended with ${String(exitCode)}, ${String(waiting.length)} questions were not asked:\n${seen}`);
    return seen;
  }
}
