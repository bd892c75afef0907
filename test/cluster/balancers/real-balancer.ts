import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { balancerOptions, type BalancerBackend, type BalancerOptions, type BalancerProduct } from '../../../electron/contract/index.ts';
import { modelOf, render } from '../../../electron/control/balancer/index.ts';
import { listenersAmong } from '../../harness/listeners.ts';
import { descendantsOf, killAtExit, killTree, waitUntilGone } from '../../harness/processes.ts';
import { temporaryFolder, type TemporaryFolder } from '../../harness/temporary-folder.ts';
import { waitFor } from '../../harness/wait-for.ts';

export const apacheModules = '/usr/lib/apache2/modules';

const programs: Readonly<Record<BalancerProduct, (main: string, pidFile: string) => readonly string[]>> = {
  nginx: (main) => ['nginx', '-c', main, '-g', 'daemon off;'],
  haproxy: (main, pidFile) => ['haproxy', '-Ws', '-f', main, '-p', pidFile],
  apache: (main) => ['apache2', '-f', main, '-D', 'FOREGROUND'],
};
const testers: Readonly<Record<BalancerProduct, (main: string) => readonly string[]>> = {
  nginx: (main) => ['nginx', '-t', '-q', '-c', main],
  haproxy: (main) => ['haproxy', '-c', '-q', '-f', main],
  apache: (main) => ['apache2', '-t', '-f', main],
};
/** How each product is told to read its configuration again. */
const reloads: Readonly<Record<BalancerProduct, NodeJS.Signals>> = { nginx: 'SIGHUP', haproxy: 'SIGUSR2', apache: 'SIGUSR1' };

/** Where a program of this name is; the folders of administrators too. */
const path = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** The configuration around the rendered one: as little as each product starts with. */
function mainFile(product: BalancerProduct, folder: string, rendered: string): string {
  switch (product) {
    case 'nginx':
      return `pid ${folder}/pid;\nerror_log ${folder}/error.log;\nworker_processes 2;\nuser www-data;\nevents { worker_connections 4096; }\nhttp {\nclient_body_temp_path ${folder}/bodies;\nproxy_temp_path ${folder}/answers;\nfastcgi_temp_path ${folder}/f;\nuwsgi_temp_path ${folder}/u;\nscgi_temp_path ${folder}/s;\ninclude ${folder}/rendered.conf;\n}\n`;
    case 'haproxy':
      return `global\n    log stderr format raw local0\n    maxconn 4000\n${rendered}`;
    case 'apache':
      return `ServerRoot ${folder}\nServerName localhost\nPidFile ${folder}/pid\nDefaultRuntimeDir ${folder}\nLoadModule mpm_event_module ${apacheModules}/mod_mpm_event.so\nUser www-data\nGroup www-data\nErrorLog ${folder}/error.log\nInclude ${folder}/rendered.conf\n`;
  }
}

/** The product's own opinion of a rendered configuration: empty when it has none. */
export async function complaintsAbout(product: BalancerProduct, rendered: string, folder: string): Promise<string> {
  await writeFile(join(folder, 'rendered.conf'), rendered);
  await writeFile(join(folder, 'main.conf'), mainFile(product, folder, rendered));
  const [program = '', ...args] = testers[product](join(folder, 'main.conf'));
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, PATH: path } });
  if (error !== undefined) return String(error);
  return status === 0 ? '' : `${stdout}${stderr}` || `ended with status ${String(status)}`;
}

/** nginx, HAProxy or Apache httpd on loopback, with what the app would give it. */
export class RealBalancer implements AsyncDisposable {
  readonly product: BalancerProduct;
  readonly port: number;
  readonly #folder: TemporaryFolder;
  readonly #options: BalancerOptions;
  #child: ChildProcess | undefined;
  #log = '';

  private constructor(product: BalancerProduct, port: number, folder: TemporaryFolder, options: BalancerOptions) {
    this.product = product;
    this.port = port;
    this.#folder = folder;
    this.#options = options;
  }

  static async start(product: BalancerProduct, port: number, backends: readonly BalancerBackend[], options: Readonly<Record<string, unknown>> = {}): Promise<RealBalancer> {
    const folder = await temporaryFolder(product);
    await chmod(folder.path, 0o755);
    await mkdir(join(folder.path, 'logs'));
    const balancer = new RealBalancer(product, port, folder, balancerOptions.parse({ listen: { address: '127.0.0.1', port }, ...options }));
    try {
      await balancer.#start(backends);
      return balancer;
    } catch (error) {
      await balancer[Symbol.asyncDispose]();
      throw error;
    }
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /**
   * Gives it other backends, and returns when the new configuration is in use: nobody listens any more who did before. A reload on top
   * of one that is under way is another matter: HAProxy then finds nobody who would hand the listening socket over, and drops it.
   */
  async reload(backends: readonly BalancerBackend[]): Promise<void> {
    const complaints = await complaintsAbout(this.product, this.#render(backends), this.#folder.path);
    if (complaints !== '') throw new Error(complaints);
    const before = this.#listening();
    this.#child?.kill(reloads[this.product]);
    await waitFor(`${this.product} to use its new configuration`, () => {
      const now = this.#listening();
      return now.length > 0 && !now.some((pid) => before.includes(pid));
    });
  }

  /** Its processes that take connections; the one that only starts them is none. */
  #listening(): number[] {
    const pid = this.#child?.pid;
    return pid === undefined ? [] : listenersAmong(descendantsOf(pid), this.port);
  }

  async #start(backends: readonly BalancerBackend[]): Promise<void> {
    const complaints = await complaintsAbout(this.product, this.#render(backends), this.#folder.path);
    if (complaints !== '') throw new Error(complaints);
    const [program = '', ...args] = programs[this.product](join(this.#folder.path, 'main.conf'), join(this.#folder.path, 'pid'));
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, PATH: path } });
    killAtExit(child);
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { this.#log += chunk.toString(); });
    await once(child, 'spawn');
    await waitFor(`${this.product} to listen`, () => {
      if (child.exitCode !== null) throw new Error(this.#log);
      return accepts(this.port);
    });
  }

  #render(backends: readonly BalancerBackend[]): string {
    return render(modelOf({
      product: this.product, clusterName: 'test', options: this.#options, backends,
      places: { logs: join(this.#folder.path, 'logs'), apacheModules },
    }));
  }

  /** What it has logged of requests, and what it complained about. */
  async log(): Promise<string> {
    const files = ['logs/bulkhead-test.access.log', 'logs/bulkhead-test.error.log', 'error.log'];
    const texts = await Promise.all(files.map((file) => readFile(join(this.#folder.path, file), 'utf8').catch(() => '')));
    return [...texts, this.#log].join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = this.#child?.pid;
    if (pid !== undefined) await waitUntilGone(killTree(pid));
    await this.#folder.remove();
  }
}

/** Whether somebody listens on a port of loopback. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => { socket.destroy(); resolve(true); });
    socket.once('error', () => { resolve(false); });
  });
}
