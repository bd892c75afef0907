import { join } from 'node:path';
import { processEnvironment } from '../../server-bundle/contract/index.ts';
import type { TestBalancer, TestNode } from './cluster-types.ts';
import { NodeClient } from './node-client.ts';
import { Service } from './service.ts';
import { waitFor } from './wait-for.ts';

type Credentials = { readonly user: string; readonly password: string };

interface NodeProcessOptions {
  readonly nodeId: string;
  readonly port: number;
  readonly configFile: string;
  readonly bundle: string;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
}

/** One `bulkhead-node serve`. */
export class ClusterNodeProcess implements TestNode {
  readonly nodeId: string;
  readonly port: number;
  readonly url: string;
  readonly configFile: string;
  readonly #service: Service;
  #client: NodeClient;
  #bundle: string;

  constructor({ nodeId, port, configFile, bundle, folder, env }: NodeProcessOptions) {
    this.nodeId = nodeId;
    this.port = port;
    this.url = `http://127.0.0.1:${String(port)}`;
    this.configFile = configFile;
    this.#bundle = bundle;
    this.#client = new NodeClient(this.url);
    this.#service = new Service({ name: nodeId, args: [bundle, 'serve', '--config', configFile], cwd: folder, logFile: join(folder, `${nodeId}.log`), env: { ...processEnvironment, ...env } });
  }

  /** From now on `client` asks as this user. */
  signIn(admin: Credentials): void {
    this.#client = new NodeClient(this.url, admin);
  }

  get client(): NodeClient {
    return this.#client;
  }

  get pid(): number | undefined {
    return this.#service.pid;
  }

  async start({ wait = true, env = {}, bundle = this.#bundle }: NonNullable<Parameters<TestNode['start']>[0]> = {}): Promise<void> {
    this.#bundle = bundle;
    await this.#service.spawn(env, [bundle, 'serve', '--config', this.configFile]);
    if (wait) await untilItAnswers(this.#service, this.#client);
  }

  kill(): Promise<void> {
    return this.#service.kill();
  }

  freeze(): void {
    this.#service.signal('SIGSTOP');
  }

  thaw(): void {
    this.#service.signal('SIGCONT');
  }

  stop(timeoutMs = 60_000): Promise<number> {
    return this.#service.stop(timeoutMs);
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  log(): Promise<string> {
    return this.#service.log();
  }

  lastWords(): Promise<string> {
    return this.#service.lastWords();
  }

  async end(): Promise<void> {
    await this.kill();
    await this.#client.close();
  }
}

interface BalancerOptions {
  readonly port: number;
  readonly configFile: string;
  readonly bundle: string;
  readonly folder: string;
  readonly admin: Credentials;
}

/** One `bulkhead-node balance`. */
export class ClusterBalancer implements TestBalancer {
  readonly port: number;
  readonly url: string;
  readonly client: NodeClient;
  readonly #service: Service;

  constructor({ port, configFile, bundle, folder, admin }: BalancerOptions) {
    this.port = port;
    this.url = `http://127.0.0.1:${String(port)}`;
    this.client = new NodeClient(this.url, admin);
    this.#service = new Service({ name: 'balancer', args: [bundle, 'balance', '--config', configFile], cwd: folder, logFile: join(folder, 'balancer.log') });
  }

  get pid(): number | undefined {
    return this.#service.pid;
  }

  async start(): Promise<void> {
    await this.#service.spawn();
    // whether it has a node to send to is another question
    await untilItAnswers(this.#service, this.client, () => true);
  }

  kill(): Promise<void> {
    return this.#service.kill();
  }

  stop(timeoutMs = 60_000): Promise<number> {
    return this.#service.stop(timeoutMs);
  }

  log(): Promise<string> {
    return this.#service.log();
  }

  async end(): Promise<void> {
    await this.kill();
    await this.client.close();
  }
}

/** Waits for an answer of its ping; a process that ends instead is told at once, with its last words. */
async function untilItAnswers(service: Service, client: NodeClient, good = (status: number): boolean => status === 200): Promise<void> {
  const state = await waitFor<'answers' | 'ended'>(`${service.name} to serve`, async () => {
    if (!service.isRunning) return 'ended';
    return good((await client.get('/api/system/ping', { as: null })).status) && 'answers';
  }).catch(String);
  if (state !== 'answers') throw new Error(`${state === 'ended' ? '' : `${state}\n`}${await service.lastWords()}`);
}
