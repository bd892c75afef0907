import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { z } from 'zod';
import { ensureBuilt } from '../../scripts/build.ts';
import { clusterView, type ClusterView } from '../../server-bundle/contract/index.ts';
import { cheaplyEncoded } from './cheap-password.ts';
import { ClusterBalancer, ClusterNodeProcess } from './cluster-processes.ts';
import type { ClusterOptions, ConfigOverrides, TestBalancer, TestCluster, TestNode } from './cluster-types.ts';
import { freePort } from './free-port.ts';
import { compileCache, keptBundle } from './kept-bundle.ts';
import { merged, nodeConfigOf } from './node-config.ts';
import { startPostgres, type TestPostgres } from './postgres.ts';
import { temporaryFolder, type TemporaryFolder } from './temporary-folder.ts';
import { waitFor, type WaitOptions } from './wait-for.ts';

export type { ClusterOptions, ConfigOverrides, TestBalancer, TestCluster, TestNode } from './cluster-types.ts';

const run = promisify(execFile);
const adminLine = z.object({ user: z.string(), password: z.string() });

class Cluster implements TestCluster {
  #postgres: TestPostgres;
  readonly database: string;
  readonly filestore: string;
  readonly bundle: string;
  readonly #folder: TemporaryFolder;
  readonly #options: ClusterOptions;
  readonly #nodes: ClusterNodeProcess[] = [];
  readonly #balancerPort: number | undefined;
  #balancer: ClusterBalancer | undefined;
  #databaseConfig: ConfigOverrides | undefined;
  #admin = { user: 'admin', password: '' };

  constructor(folder: TemporaryFolder, bundle: string, postgres: TestPostgres, database: string, balancerPort: number | undefined, options: ClusterOptions) {
    this.#folder = folder;
    this.bundle = bundle;
    this.#options = options;
    this.#balancerPort = balancerPort;
    this.#postgres = postgres;
    this.database = database;
    this.filestore = options.filestore ?? join(folder.path, 'filestore');
  }

  get postgres(): TestPostgres {
    return this.#postgres;
  }

  followTo(postgres: TestPostgres): void {
    this.#postgres = postgres;
  }

  get nodes(): readonly TestNode[] {
    return this.#nodes;
  }

  get admin(): { readonly user: string; readonly password: string } {
    return this.#admin;
  }

  get balancer(): TestBalancer {
    if (this.#balancer === undefined) throw new Error('this cluster was started without a balancer');
    return this.#balancer;
  }

  node(nodeId: string): TestNode {
    const found = this.#nodes.find((node) => node.nodeId === nodeId);
    if (found === undefined) throw new Error(`there is no node ${nodeId}`);
    return found;
  }

  async initialize(): Promise<void> {
    const { nodes = 3, start = true } = this.#options;
    await mkdir(this.filestore, { recursive: true });
    await this.#write('cluster.key', randomBytes(48).toString('base64'));
    await this.#write('database.password', this.postgres.password);
    this.#databaseConfig = await this.#options.database?.(this.postgres);
    for (let count = 0; count < nodes; count += 1) await this.addNode();
    this.#admin = await this.#createAdmin();
    for (const node of this.#nodes) node.signIn(this.#admin);
    if (this.#balancerPort !== undefined) await this.#addBalancer(this.#balancerPort);
    if (!start) return;
    await Promise.all(this.#nodes.map((node) => node.start()));
    await this.untilServing();
    const balancer = this.#balancer;
    if (balancer === undefined) return;
    await balancer.start();
    await waitFor('a node behind the balancer', async () => (await balancer.client.get('/api/system/ping')).status === 200);
  }

  async #write(name: string, text: string): Promise<string> {
    const file = join(this.#folder.path, name);
    await writeFile(file, text, { mode: 0o600 });
    return file;
  }

  async #createAdmin(): Promise<{ user: string; password: string }> {
    const first = this.#nodes[0];
    if (first === undefined) throw new Error('a cluster needs a node');
    const { stdout } = await run(process.execPath, [this.bundle, 'init-admin', '--config', first.configFile, '--json'], {
      cwd: this.#folder.path, env: { ...process.env, NODE_COMPILE_CACHE: compileCache },
    });
    const admin = adminLine.parse(JSON.parse(stdout));
    await this.postgres.query(`update user_account set password = '${cheaplyEncoded(admin.password)}'`, this.database);
    return admin;
  }

  async addNode(nodeId = `n${String(this.#nodes.length + 1)}`, config: ConfigOverrides = {}): Promise<TestNode> {
    const { host, port: databasePort, user } = this.postgres;
    const port = await freePort();
    const base = nodeConfigOf({
      nodeId, port, filestore: this.filestore,
      baseUrl: `http://127.0.0.1:${String(this.#balancerPort ?? this.#nodes[0]?.port ?? port)}`,
      database: { host, port: databasePort, name: this.database, user },
    });
    const advertised = await this.#options.advertise?.(nodeId, port);
    const database = this.#databaseConfig;
    const all = merged(base, database === undefined ? {} : { database }, advertised === undefined ? {} : { node: { url: advertised } }, this.#options.config ?? {}, this.#options.nodeConfig?.[nodeId] ?? {}, config);
    const configFile = await this.#write(`${nodeId}.yaml`, stringify(all));
    const node = new ClusterNodeProcess({ nodeId, port, configFile, bundle: this.bundle, folder: this.#folder.path, env: this.#options.env ?? {} });
    if (this.#admin.password !== '') node.signIn(this.#admin);
    this.#nodes.push(node);
    if (this.#balancer !== undefined) await this.#writeBalancerConfig(this.#balancer.port);
    return node;
  }

  async #writeBalancerConfig(port: number): Promise<string> {
    const backends = this.#nodes.map(async ({ nodeId, url, port: own }) => ({ nodeId, url: await this.#options.balancerWay?.(nodeId, own) ?? url }));
    const base = {
      listen: { host: '127.0.0.1', port },
      backends: await Promise.all(backends),
      health: { intervalMs: 100, timeoutMs: 2000 },
    };
    return this.#write('balancer.yaml', stringify(merged(base, this.#options.balancerConfig ?? {})));
  }

  async #addBalancer(port: number): Promise<void> {
    const configFile = await this.#writeBalancerConfig(port);
    this.#balancer = new ClusterBalancer({ port, configFile, bundle: this.bundle, folder: this.#folder.path, admin: this.#admin });
  }

  async #viewOf(node: TestNode): Promise<ClusterView> {
    const answer = await node.client.get('/api/v1/cluster', { signal: AbortSignal.timeout(10_000) });
    if (answer.status !== 200) throw new Error(`${node.nodeId} answered ${String(answer.status)}: ${answer.text().slice(0, 300)}`);
    return clusterView.parse(answer.json());
  }

  async view(): Promise<ClusterView> {
    return Promise.any(this.#nodes.filter(({ pid }) => pid !== undefined).map((node) => this.#viewOf(node)));
  }

  async until(what: string, condition: (view: ClusterView) => boolean, options: WaitOptions = {}): Promise<ClusterView> {
    let last: ClusterView | undefined;
    let found: ClusterView | undefined;
    // each node is asked at its own pace: a frozen one must not hold up the others
    const asked = this.#nodes.map((node) => waitFor(what, async () => {
      if (found !== undefined) return found;
      if (node.pid === undefined) throw new Error(`${node.nodeId} does not run`);
      last = await this.#viewOf(node);
      if (condition(last)) found ??= last;
      return found;
    }, { everyMs: 25, ...options }));
    try {
      return await Promise.any(asked);
    } catch (error) {
      const brief = last?.nodes.map(({ nodeId, observed, desired, caching, heartbeatAgeMs }) => ({ nodeId, observed, desired, caching, heartbeatAgeMs }));
      const words = await Promise.all(this.#nodes.map((node) => node.lastWords()));
      const why = error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error);
      throw new Error(`${why}\nlast seen: master ${JSON.stringify(last?.master)} nodes ${JSON.stringify(brief)}\n${words.join('\n')}`, { cause: error });
    }
  }

  async master(options: WaitOptions & { readonly except?: string; readonly aboveEpoch?: number } = {}): Promise<{ node: TestNode; epoch: number }> {
    const { except, aboveEpoch = 0, ...wait } = options;
    const { master } = await this.until('a master', (view) =>
      view.master !== null && view.master.nodeId !== except && view.master.epoch > aboveEpoch, wait);
    if (master === null) throw new Error('no master');
    return { node: this.node(master.nodeId), epoch: master.epoch };
  }

  async untilServing(nodeIds?: readonly string[], options: WaitOptions = {}): Promise<void> {
    const wanted = nodeIds ?? this.#nodes.filter(({ pid }) => pid !== undefined).map(({ nodeId }) => nodeId);
    await this.until(`${wanted.join(', ')} to serve and to hold the caching right`, ({ nodes }) => wanted.every((nodeId) =>
      nodes.some((node) => node.nodeId === nodeId && node.observed === 'serving' && node.caching)), options);
    await Promise.all(wanted.map((nodeId) => waitFor(`the ping of ${nodeId}`, async () =>
      (await this.node(nodeId).client.get('/api/system/ping')).status === 200, options)));
  }

  async stop(): Promise<void> {
    const processes = [...this.#nodes, ...(this.#balancer === undefined ? [] : [this.#balancer])];
    await Promise.all(processes.map((each) => each.end()));
    await this.postgres.stop();
    await this.#folder.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }
}

/** Starts PostgreSQL, nodes and balancer of the built bundle in a temporary folder; builds the bundle when it is stale. */
export async function startCluster(options: ClusterOptions = {}): Promise<TestCluster> {
  await ensureBuilt(['node']);
  const folder = await temporaryFolder('cluster');
  const postgres = await startPostgres(options.postgres === undefined ? {} : { settings: options.postgres });
  const balancerPort = options.balancer === false ? undefined : await freePort();
  const cluster = new Cluster(folder, await keptBundle(), postgres, await postgres.createDatabase(), balancerPort, options);
  try {
    await cluster.initialize();
    return cluster;
  } catch (error) {
    await cluster.stop();
    throw error;
  }
}
