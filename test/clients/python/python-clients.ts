import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { killAtExit } from '../../harness/processes.ts';

export interface PythonResult {
  readonly exitCode: number | null;
  /** standard output and errors, one after the other */
  readonly output: string;
}

export interface Login { readonly user: string; readonly password: string }

/** Debian's own Python has Debian's pip; another one earlier in the PATH may have none. */
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';

/** twine and pip with a home of their own: no settings, caches or log-ins of the machine's user, and no retries that would hide what fails. */
export class PythonClients {
  readonly #home: string;
  readonly #login: Login;

  private constructor(home: string, login: Login) {
    this.#home = home;
    this.#login = login;
  }

  static async prepare(home: string, login: Login): Promise<PythonClients> {
    await mkdir(home, { recursive: true });
    const clients = new PythonClients(home, login);
    for (const args of [['-m', 'pip', '--version'], ['-m', 'twine', '--version']]) {
      const { exitCode, output } = await clients.#python(args, {});
      if (exitCode !== 0) throw new Error(`this test needs: apt-get install -y --no-install-recommends twine python3-pip python3-setuptools python3-wheel\n${output}`);
    }
    return clients;
  }

  /** `twine upload` of files to a repository's address (`…/api/pypi/{repository}`). */
  twine(address: string, files: readonly string[], ...more: string[]): Promise<PythonResult> {
    return this.#python(['-m', 'twine', 'upload', '--non-interactive', '--disable-progress-bar', '--verbose', '--repository-url', address, ...more, ...files], {
      TWINE_USERNAME: this.#login.user, TWINE_PASSWORD: this.#login.password,
    });
  }

  /** `pip download` or `pip install`, with the index of one repository (`…/api/pypi/{repository}`). */
  pip(address: string, ...args: string[]): Promise<PythonResult> {
    const index = new URL(`${address}/simple/`);
    index.username = this.#login.user;
    index.password = encodeURIComponent(this.#login.password);
    return this.#python(['-m', 'pip', ...args], {
      PIP_INDEX_URL: index.href, PIP_CONFIG_FILE: '/dev/null', PIP_NO_INPUT: '1', PIP_NO_CACHE_DIR: '1', PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_RETRIES: '0',
    });
  }

  async #python(args: readonly string[], env: Readonly<Record<string, string>>): Promise<PythonResult> {
    const child = spawn(python, args, {
      cwd: this.#home, stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/bin:/bin', HOME: this.#home, TMPDIR: this.#home, LC_ALL: 'C.UTF-8', PYTHONDONTWRITEBYTECODE: '1', ...env },
    });
    killAtExit(child);
    const [output, errors, [exitCode]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
    return { exitCode, output: output + errors };
  }
}
