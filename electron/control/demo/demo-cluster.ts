import { rmdir } from 'node:fs/promises';
import { asBulkheadError, BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { DemoDescription, DemoNodeAction, DemoOptions, DemoPlan } from '../../contract/index.ts';
import type { ClusterAccess } from '../node-api/index.ts';
import { readAdmin, writeAdmin, type AdminCredentials } from './credentials.ts';
import { actOnDatabase } from './database-action.ts';
import type { DemoContext } from './demo-context.ts';
import { describeCluster, planCluster } from './describe.ts';
import { DemoFolder } from './folder.ts';
import { nodeUrl, readLayout, type DemoLayout } from './layout.ts';
import { readHolder, takeLock } from './lock.ts';
import { addNode } from './membership.ts';
import { actOnNode, killNow } from './node-actions.ts';
import { DemoParts, type DemoEnvironment } from './parts.ts';
import type { SeenProcess } from './process/index.ts';
import { Progress, startSteps, stopSteps, type Lifecycle } from './progress.ts';
import { isStanding } from './run-state.ts';
import { removeContents, startCluster, type StartOptions } from './start.ts';
import { stopCluster } from './stop.ts';

/** What the operating system and the data folder say at one moment, without asking any node. */
export interface DemoSight {
  readonly lifecycle: Lifecycle;
  readonly layout: DemoLayout | null;
  readonly processes: readonly SeenProcess[];
}

/** How long a change waits for another one of this or another program, milliseconds. */
const lockPatienceMs = 15_000;

/**
 * The offline cluster in one data folder. Any number of programs may have one of these for the same folder: what they
 * share is on the disk, and changes exclude each other by the folder's lock.
 */
export class DemoCluster {
  readonly progress = new Progress();
  readonly access: ClusterAccess;
  readonly folder: DemoFolder;
  readonly #context: DemoContext;

  constructor(environment: DemoEnvironment, path: string) {
    this.folder = new DemoFolder(path);
    const parts = new DemoParts(environment, this.folder);
    this.access = {
      clusterId: 'demo',
      name: 'Demo cluster',
      kind: 'demo',
      nodes: async () => ((await readLayout(this.folder))?.nodes ?? []).map((node) => ({ nodeId: node.nodeId, url: nodeUrl(node) })),
      credentials: () => readAdmin(this.folder),
    };
    this.#context = { folder: this.folder, environment, parts, progress: this.progress, access: this.access };
  }

  /** Throws DEMO_RUNNING, DATA_IN_USE, PORT_IN_USE, FILESTORE_FULL, BINARY_MISSING, DEMO_START_FAILED, CANCELLED. */
  async start(options: StartOptions, who: string, signal: AbortSignal): Promise<DemoDescription> {
    await this.folder.assertOurs();
    return this.#locked(who, 'start', 0, signal, async () => {
      this.progress.begin('starting', startSteps);
      try {
        await startCluster(this.#context, options, signal);
      } catch (error) {
        const failure = asBulkheadError(error);
        if (failure.code === 'DEMO_RUNNING') this.progress.finish('running');
        else this.progress.fail(failure);
        throw failure;
      }
      this.progress.finish('running');
      return describeCluster(this.#context);
    });
  }

  /** Drains and stops everything. Harmless when nothing runs. */
  async stop(who: string, signal: AbortSignal): Promise<void> {
    if (!(await this.folder.exists())) return;
    await this.#locked(who, 'stop', lockPatienceMs, signal, () => this.#stopLocked());
  }

  /** Stops everything and deletes all data. */
  async reset(who: string, signal: AbortSignal): Promise<void> {
    if (!(await this.folder.exists())) return;
    await this.folder.assertOurs();
    await this.#locked(who, 'reset', lockPatienceMs, signal, async () => {
      await this.#stopLocked();
      await removeContents(this.#context);
    });
  }

  describe(): Promise<DemoDescription> {
    return describeCluster(this.#context);
  }

  plan(options: DemoOptions): Promise<DemoPlan> {
    return planCluster(this.#context, options);
  }

  async actOnNode(nodeId: string, action: DemoNodeAction, who: string, signal: AbortSignal): Promise<void> {
    await this.#whileRunning(`${action} ${nodeId}`, who, signal, () => actOnNode(this.#context, nodeId, action, signal));
  }

  /** SIGKILL; resolves to the monotonic time (milliseconds) at which it was sent. */
  killNode(nodeId: string, who: string, signal: AbortSignal): Promise<number> {
    return this.#whileRunning(`kill ${nodeId}`, who, signal, () => killNow(this.#context, nodeId));
  }

  addNode(who: string, signal: AbortSignal): Promise<{ nodeId: string }> {
    return this.#whileRunning('add a node', who, signal, () => addNode(this.#context, signal));
  }

  async actOnDatabase(action: 'kill' | 'start', who: string, signal: AbortSignal): Promise<void> {
    await this.#whileRunning(`${action} database`, who, signal, () => actOnDatabase(this.#context, action, signal));
  }

  /** A new password for the administrator, set on the host as its owner may. */
  resetPassword(who: string, signal: AbortSignal): Promise<AdminCredentials> {
    return this.#whileRunning('reset password', who, signal, async () => {
      const nodeId = (await readLayout(this.folder))?.nodes[0]?.nodeId ?? '';
      const { user, password } = await this.#context.parts.runBundle('reset-admin', nodeId, signal) as AdminCredentials;
      await writeAdmin(this.folder, { user, password });
      return { user, password };
    });
  }

  /** Signs in with this password from now on: it was changed through the cluster itself. */
  keepPassword(user: string, password: string): Promise<void> {
    return writeAdmin(this.folder, { user, password });
  }

  /** What stands in this folder now; cheap enough for once a second. */
  async look(): Promise<DemoSight> {
    const [layout, processes, holder] = await Promise.all([
      readLayout(this.folder).catch(() => null), this.#context.parts.registry.see(), readHolder(this.folder),
    ]);
    return { lifecycle: await this.#lifecycle(processes, holder?.what), layout, processes };
  }

  async #lifecycle(processes: readonly SeenProcess[], busyWith: string | undefined): Promise<Lifecycle> {
    const own = this.progress.snapshot.value.lifecycle;
    if (own === 'starting' || own === 'stopping') return own;
    if (busyWith === 'start') return 'starting';
    if (busyWith === 'stop' || busyWith === 'reset') return 'stopping';
    if (await isStanding(this.folder, processes)) return 'running';
    return own === 'failed' ? 'failed' : 'off';
  }

  async #stopLocked(): Promise<void> {
    this.progress.begin('stopping', stopSteps);
    try {
      await stopCluster(this.#context);
    } catch (error) {
      this.progress.fail(asBulkheadError(error));
      throw error;
    }
    this.progress.finish('off');
  }

  async #whileRunning<T>(what: string, who: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    if (!(await this.folder.exists())) throw new BulkheadError('DEMO_NOT_RUNNING');
    return this.#locked(who, what, lockPatienceMs, signal, async () => {
      const { processes } = await this.look();
      if (!processes.some((seen) => seen.condition !== 'stopped')) throw new BulkheadError('DEMO_NOT_RUNNING');
      return work();
    });
  }

  async #locked<T>(who: string, what: string, waitMs: number, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const lock = await takeLock(this.folder, who, what, waitMs, signal);
    try {
      return await work();
    } finally {
      await lock.release();
      // a folder that nothing came into, or that was reset, goes too
      await rmdir(this.folder.path).catch(() => undefined);
    }
  }
}
