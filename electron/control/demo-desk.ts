import { asBulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, DemoDescription, DemoNodeAction, DemoOptions, DemoPlan, DemoProgress } from '../contract/index.ts';
import { DemoCluster, defaultDemoFolder, progressAtRest, type DemoEnvironment } from './demo/index.ts';
import { demoFolderOf, rememberDemoFolder, type Fleet } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import { eachChange, Snapshot } from './streams/index.ts';
import { ClusterWatch } from './supervise/index.ts';
import { lookAtDemo } from './watch-demo.ts';

interface Desk {
  readonly demo: DemoCluster;
  readonly watch: ClusterWatch;
}

/** What was done, in the past tense, for the words beside a node. */
const acts: Record<DemoNodeAction, string> = {
  kill: 'killed', freeze: 'frozen', thaw: 'thawed', restart: 'restarted', start: 'started', stop: 'stopped', remove: 'removed',
};

/** The demo cluster and who watches it. A start in another folder moves both there; whoever watches goes along. */
export class DemoDesk {
  /** the present one; a new value when the folder changes */
  readonly current: Snapshot<Desk>;
  readonly #environment: DemoEnvironment;
  readonly #fleet: Fleet;
  readonly #journal: Journal;

  constructor(environment: DemoEnvironment, fleet: Fleet, journal: Journal) {
    this.#environment = environment;
    this.#fleet = fleet;
    this.#journal = journal;
    const folder = demoFolderOf(fleet, defaultDemoFolder());
    rememberDemoFolder(fleet, folder);
    this.current = new Snapshot(this.#open(folder));
  }

  get demo(): DemoCluster {
    return this.current.value.demo;
  }

  get watch(): ClusterWatch {
    return this.current.value.watch;
  }

  plan(options: DemoOptions): Promise<DemoPlan> {
    const { dataDir } = options;
    return (dataDir === undefined ? this.demo : new DemoCluster(this.#environment, dataDir)).plan(options);
  }

  async start(options: DemoOptions, { caller, signal }: CallContext): Promise<DemoDescription> {
    if (options.dataDir !== undefined) await this.#moveTo(options.dataDir);
    return this.#recorded('demo.start', `Started the demo with ${options.nodes} nodes`, caller, null, { nodes: options.nodes, port: options.port }, () =>
      this.demo.start({ nodes: options.nodes, port: options.port, foreground: false }, caller, signal));
  }

  async stop({ caller, signal }: CallContext): Promise<void> {
    await this.#recorded('demo.stop', 'Stopped the demo', caller, null, {}, () => this.demo.stop(caller, signal));
  }

  async reset({ caller, signal }: CallContext): Promise<void> {
    await this.#recorded('demo.reset', 'Deleted the demo and its data', caller, null, {}, () => this.demo.reset(caller, signal));
  }

  async actOnNode(nodeId: string, action: DemoNodeAction, { caller, signal }: CallContext): Promise<void> {
    this.watch.noteAct(nodeId, acts[action]);
    await this.#recorded(`demo.node.${action}`, `${nodeId} was ${acts[action]}`, caller, nodeId, { action }, () =>
      this.demo.actOnNode(nodeId, action, caller, signal));
  }

  async addNode({ caller, signal }: CallContext): Promise<{ nodeId: string }> {
    return this.#recorded('demo.addNode', 'Added a node', caller, null, {}, () => this.demo.addNode(caller, signal));
  }

  async actOnDatabase(action: 'kill' | 'start', { caller, signal }: CallContext): Promise<void> {
    const message = action === 'kill' ? 'Killed the database' : 'Started the database';
    await this.#recorded(`demo.database.${action}`, message, caller, null, { action }, () => this.demo.actOnDatabase(action, caller, signal));
  }

  async resetPassword({ caller, signal }: CallContext): Promise<{ user: string; password: string }> {
    return this.#recorded('demo.resetPassword', 'Set a new password for the administrator', caller, null, {}, () => this.demo.resetPassword(caller, signal));
  }

  /** How far a start or stop is; one that another program does shows as such, without its steps. */
  async* progress(signal: AbortSignal): AsyncGenerator<DemoProgress> {
    let told = '';
    while (!signal.aborted) {
      const desk = this.current.value;
      for await (const _ of eachChange(signal, this.current, desk.demo.progress.snapshot, desk.watch.topology)) {
        if (this.current.value !== desk) break;
        const progress = await progressOf(desk.demo);
        const text = JSON.stringify(progress);
        if (text !== told) yield progress;
        told = text;
      }
    }
  }

  /** Writes down what a person did, or tried to do and was refused. */
  async #recorded<T>(
    type: string, message: string, caller: string, nodeId: string | null, detail: Record<string, unknown>, act: () => Promise<T>,
  ): Promise<T> {
    const entry = { clusterId: 'demo', source: 'operator' as const, type, nodeId };
    try {
      const result = await act();
      this.#journal.write({ ...entry, severity: 'info', message, detail: { ...detail, by: caller } });
      return result;
    } catch (error) {
      const { code, message: reason } = asBulkheadError(error);
      this.#journal.write({ ...entry, severity: 'warning', message: `${message}: refused or failed (${reason})`, detail: { ...detail, by: caller, code } });
      throw error;
    } finally {
      this.watch.refresh();
    }
  }

  async #moveTo(folder: string): Promise<void> {
    const former = this.current.value;
    const desk = this.#open(folder);
    if (desk.demo.folder.path === former.demo.folder.path) return;
    rememberDemoFolder(this.#fleet, desk.demo.folder.path);
    await desk.watch.start();
    this.current.set(desk);
    await former.watch.close();
  }

  #open(folder: string): Desk {
    const demo = new DemoCluster(this.#environment, folder);
    return { demo, watch: new ClusterWatch(demo.access, () => lookAtDemo(demo), this.#environment.agent, this.#journal) };
  }
}

async function progressOf(demo: DemoCluster): Promise<DemoProgress> {
  const { lifecycle } = await demo.look();
  const own = demo.progress.snapshot.value;
  return own.lifecycle === lifecycle ? own : progressAtRest(lifecycle);
}
