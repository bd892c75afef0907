import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ensureBuilt } from '../../../scripts/build.ts';
import { nodeBundle } from '../../../scripts/build-node.ts';
import { compileCache } from '../../harness/kept-bundle.ts';
import { startPostgres, type TestPostgres } from '../../harness/postgres.ts';
import { temporaryFolder, type TemporaryFolder } from '../../harness/temporary-folder.ts';

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, NODE_COMPILE_CACHE: compileCache });

export interface Ended { readonly code: number; readonly stdout: string; readonly stderr: string }

/** A folder with what the configuration of a node names, and a server to make databases in. */
export class Workshop implements AsyncDisposable {
  readonly postgres: TestPostgres;
  readonly #folder: TemporaryFolder;
  readonly #children = new Set<ChildProcess>();
  #configs = 0;

  constructor(postgres: TestPostgres, folder: TemporaryFolder) {
    this.postgres = postgres;
    this.#folder = folder;
  }

  static async open(): Promise<Workshop> {
    await ensureBuilt(['node']);
    const postgres = await startPostgres();
    const folder = await temporaryFolder('workshop');
    await writeFile(join(folder.path, 'cluster.key'), randomBytes(32).toString('base64'), { mode: 0o600 });
    await writeFile(join(folder.path, 'password'), postgres.password, { mode: 0o600 });
    return new Workshop(postgres, folder);
  }

  /** A configuration file with short times; its filestore lies in `files`. */
  async config(database: string, options: { readonly port?: number; readonly files?: string; readonly more?: Record<string, unknown> } = {}): Promise<string> {
    const { port = 8081, files = database, more = {} } = options;
    this.#configs += 1;
    await mkdir(join(this.#folder.path, files), { recursive: true });
    const file = join(this.#folder.path, `node-${String(this.#configs)}.yaml`);
    const url = `http://127.0.0.1:${String(port)}`;
    await writeFile(file, stringify({
      node: { id: 'n1', url, listen: { host: '127.0.0.1', port } }, cluster: { keyFile: 'cluster.key' }, baseUrl: url,
      database: { host: this.postgres.host, port: this.postgres.port, name: database, user: this.postgres.user, passwordFile: 'password' },
      filestore: { path: files }, timing: { coherenceWindowMs: 300, heartbeatMs: 100, drainNoticeMs: 500 }, ...more,
    }));
    return file;
  }

  /** Runs the bundle to its end. */
  command(...args: string[]): Promise<Ended> {
    return this.commandWith('', ...args);
  }

  /** The same with something on standard input. */
  commandWith(input: string, ...args: string[]): Promise<Ended> {
    return new Promise((resolve) => {
      const child = execFile(process.execPath, [nodeBundle, ...args], { env: environment() }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
      child.stdin?.on('error', () => undefined).end(input);
    });
  }

  /** Starts `bulkhead-node serve`. */
  serve(configFile: string): ServingNode {
    const logFile = `${configFile}.log`;
    const child = spawn(process.execPath, [nodeBundle, 'serve', '--config', configFile], { stdio: ['ignore', 'pipe', 'pipe'], env: environment() });
    this.#children.add(child);
    const log = createWriteStream(logFile, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    const ended = new Promise<number>((resolve) => {
      child.once('exit', (code, signal) => {
        this.#children.delete(child);
        resolve(code ?? (signal === null ? -1 : -2));
      });
    });
    return { child, ended, log: () => readFile(logFile, 'utf8') };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) child.kill('SIGKILL');
    await this.postgres.stop();
    await this.#folder.remove();
  }
}

export interface ServingNode {
  readonly child: ChildProcess;
  /** exit status; −2 when a signal ended it */
  readonly ended: Promise<number>;
  log(): Promise<string>;
}
