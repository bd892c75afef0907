import { stat } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { BulkheadError, processEnvironment } from '../../../server-bundle/contract/index.ts';
import { NodeApi } from '../node-api/index.ts';
import type { DemoFolder } from './folder.ts';
import { nodeUrl, type DemoLayout } from './layout.ts';
import { lastLines } from './log-tail.ts';
import { PostgresServer } from './postgres/index.ts';
import {
  conditionOf, identify, ProcessRegistry, runToEnd, type LaunchSpec, type ProcessIdentity, type ProcessLauncher, type RecordedProcess,
} from './process/index.ts';
import { databaseSettings } from './sizing.ts';

/** What the control room brings to the demo. */
export interface DemoEnvironment {
  /** the node, built to one file */
  readonly nodeBundlePath: string;
  /** the Node.js (24) that runs it */
  readonly nodeRuntimePath: string;
  readonly launcher: ProcessLauncher;
  readonly agent: Dispatcher;
}

const partTimeoutMs = 30_000;

/** Starts the parts of one data folder, each recorded the moment it runs. */
export class DemoParts {
  readonly registry: ProcessRegistry;
  readonly #environment: DemoEnvironment;
  readonly #folder: DemoFolder;
  /** where in its log the present life of a part begins */
  readonly #logStarts = new Map<string, number>();

  constructor(environment: DemoEnvironment, folder: DemoFolder) {
    this.#environment = environment;
    this.#folder = folder;
    this.registry = new ProcessRegistry(folder.processesFile);
  }

  /** Throws BINARY_MISSING unless bundle and runtime are there. */
  async assertPrograms(): Promise<void> {
    for (const program of [this.#environment.nodeBundlePath, this.#environment.nodeRuntimePath]) {
      if (await stat(program).then((found) => found.isFile(), () => false)) continue;
      throw new BulkheadError('BINARY_MISSING', `${program} is not there`, { details: { program }, hint: 'Run "npm ci" and "npm run build".' });
    }
  }

  /** Resolves once it takes connections. A server that was killed a moment ago may still hold its memory: it is tried again. */
  async startDatabase(layout: DemoLayout, signal?: AbortSignal): Promise<void> {
    const server = await PostgresServer.in(this.#folder.postgres);
    const end = performance.now() + 10_000;
    const logFile = this.#folder.logFile('database');
    for (;;) {
      const identity = await this.#launch('database', 'database', await server.command(layout.database.port, databaseSettings, logFile));
      if (identity !== null && await server.untilReady(identity, partTimeoutMs, signal)) return;
      if (performance.now() > end || (identity !== null && (await conditionOf(identity)) !== 'stopped')) break;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw await this.#failure('database', 'PostgreSQL did not start');
  }

  /** Resolves when the process runs; whether it serves is another question. */
  async launchNode(nodeId: string): Promise<ProcessIdentity | null> {
    return this.#launch(nodeId, 'node', this.#bundle(nodeId, 'serve'));
  }

  async launchBalancer(): Promise<ProcessIdentity | null> {
    return this.#launch('balancer', 'balancer', this.#bundle('balancer', 'balance'));
  }

  /** Resolves when the node takes requests. Throws DEMO_START_FAILED with its last words when it ends or takes too long. */
  async untilNodeServes(node: { nodeId: string; port: number }, identity: ProcessIdentity | null, signal?: AbortSignal): Promise<void> {
    const api = new NodeApi({ nodeId: node.nodeId, url: nodeUrl(node) }, null, this.#environment.agent);
    await this.#until(node.nodeId, identity, () => api.ping(signal), signal);
  }

  /** Resolves when a request through the balancer is answered by a node. */
  async untilBalancerServes(layout: DemoLayout, identity: ProcessIdentity | null, signal?: AbortSignal): Promise<void> {
    const api = new NodeApi({ nodeId: 'balancer', url: nodeUrl(layout.balancer) }, null, this.#environment.agent);
    await this.#until('balancer', identity, () => api.ping(signal), signal);
  }

  /**
   * Runs a command of the bundle to its end and returns the object that it prints.
   * Throws DEMO_START_FAILED with its last words; `refusal` holds the code when it told one.
   */
  async runBundle(command: 'init-admin' | 'reset-admin' | 'migrate', nodeId: string, signal?: AbortSignal): Promise<unknown> {
    const { nodeRuntimePath, nodeBundlePath } = this.#environment;
    const outcome = await runToEnd({
      command: nodeRuntimePath, args: [nodeBundlePath, command, '--config', this.#folder.configFile(nodeId), '--json'],
      environment: this.#bundleEnvironment,
    }, signal);
    if (outcome.exitCode === 0) return JSON.parse(outcome.stdout.trim().split('\n').at(-1) ?? 'null');
    const lines = outcome.stderr.trim().split('\n').slice(-20);
    throw new BulkheadError('DEMO_START_FAILED', `"bulkhead-node ${command}" failed`, {
      details: { step: 'migrate', exitCode: outcome.exitCode, lines, refusal: refusalIn(lines) },
    });
  }

  /** As on a host. And Node.js keeps what it compiled, for the same options of V8: five processes of one file start in half the time. */
  get #bundleEnvironment(): Record<string, string> {
    return { ...processEnvironment, NODE_COMPILE_CACHE: this.#folder.compileCache };
  }

  #bundle(name: string, command: 'serve' | 'balance'): LaunchSpec {
    return {
      command: this.#environment.nodeRuntimePath,
      args: [this.#environment.nodeBundlePath, command, '--config', this.#folder.configFile(name)],
      cwd: this.#folder.path,
      logFile: this.#folder.logFile(name),
      environment: this.#bundleEnvironment,
    };
  }

  async #launch(name: string, kind: RecordedProcess['kind'], spec: LaunchSpec): Promise<ProcessIdentity | null> {
    this.#logStarts.set(name, await sizeOf(spec.logFile));
    const { pid } = await this.#environment.launcher.launch(spec);
    const identity = await identify(pid);
    if (identity !== null) await this.registry.record({ name, kind, command: spec.command, startedAt: Date.now() }, identity);
    return identity;
  }

  async #until(name: string, identity: ProcessIdentity | null, holds: () => Promise<boolean>, signal?: AbortSignal): Promise<void> {
    const end = performance.now() + partTimeoutMs;
    while (!(await holds())) {
      if (signal?.aborted === true) throw new BulkheadError('CANCELLED');
      const ended = identity === null || (await conditionOf(identity)) === 'stopped';
      if (ended) throw await this.#failure(name, `${name} ended instead of serving`);
      if (performance.now() > end) throw await this.#failure(name, `${name} does not serve after ${partTimeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  async #failure(name: string, message: string): Promise<BulkheadError> {
    const logFile = this.#folder.logFile(name);
    return new BulkheadError('DEMO_START_FAILED', message, { details: { step: name, logFile, lines: await lastLines(logFile, 20, this.#logStarts.get(name)) } });
  }
}

async function sizeOf(file: string): Promise<number> {
  return stat(file).then((found) => found.size, () => 0);
}

/** The code that a command of the bundle gave with `--json`. */
function refusalIn(lines: readonly string[]): string | null {
  try {
    const { error } = JSON.parse(lines.at(-1) ?? '') as { error?: { code?: string } };
    return error?.code ?? null;
  } catch {
    return null;
  }
}
