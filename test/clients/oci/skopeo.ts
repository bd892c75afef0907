import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** skopeo with a login of its own and everything that it keeps in one folder. */
export class Skopeo {
  readonly #folder: string;
  readonly #env: Record<string, string>;

  private constructor(folder: string) {
    this.#folder = folder;
    // its cache of what lies in which registry is left out of the game by a home of its own
    this.#env = { PATH: process.env['PATH'] ?? '', HOME: folder, XDG_RUNTIME_DIR: folder, TMPDIR: folder };
  }

  /** @param folder empty; removed by the caller */
  static async prepare(folder: string, registry: string, login: { user: string; password: string }): Promise<Skopeo> {
    await run('skopeo', ['--version']).catch(() => { throw new Error('this test needs: apt-get install -y --no-install-recommends skopeo'); });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'policy.json'), JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
    const auth = Buffer.from(`${login.user}:${login.password}`).toString('base64');
    await writeFile(join(folder, 'auth.json'), JSON.stringify({ auths: { [registry]: { auth } } }), { mode: 0o600 });
    return new Skopeo(folder);
  }

  /** @returns what it printed; throws with its messages when it fails */
  async run(...args: readonly string[]): Promise<string> {
    const [command = '', ...rest] = args;
    const auth = ['--authfile', join(this.#folder, 'auth.json')];
    const plain = command === 'copy' ? ['--src-tls-verify=false', '--dest-tls-verify=false'] : ['--tls-verify=false'];
    const { stdout } = await run('skopeo', ['--policy', join(this.#folder, 'policy.json'), command, ...auth, ...plain, ...rest],
      { env: this.#env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  }
}
