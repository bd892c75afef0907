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
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

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

  /** Cancels what is under way, waits until it has cleaned up after itself, and stops watching. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
    await this.watch.close();
  }

  plan(options: DemoOptions): Promise<DemoPlan> {
    const { dataDir } = options;
    return (dataDir === undefined ? this.demo : new DemoCluster(this.#environment, dataDir)).plan(options);
  }

  async start(options: DemoOptions, context: CallContext): Promise<DemoDescription> {
    if (options.dataDir !== undefined) await this.#moveTo(options.dataDir);
    const { nodes, port } = options;
    return this.#recorded('demo.start', `Started the demo with ${nodes} nodes`, context, null, { nodes, port }, (caller, signal) =>
      this.demo.start({ nodes, port, foreground: false }, caller, signal));
  }

  stop(context: CallContext): Promise<void> {
    return this.#recorded('demo.stop', 'Stopped the demo', context, null, {}, (caller, signal) => this.demo.stop(caller, signal));
  }

  reset(context: CallContext): Promise<void> {
    return this.#recorded('demo.reset', 'Deleted the demo and its data', context, null, {}, (caller, signal) => this.demo.reset(caller, signal));
  }

  actOnNode(nodeId: string, action: DemoNodeAction, context: CallContext): Promise<void> {
    this.watch.noteAct(nodeId, acts[action]);
    return this.#recorded(`demo.node.${action}`, `${nodeId} was ${acts[action]}`, context, nodeId, { action }, (caller, signal) =>
      this.demo.actOnNode(nodeId, action, caller, signal));
  }

  addNode(context: CallContext): Promise<{ nodeId: string }> {
    return this.#recorded('demo.addNode', 'Added a node', context, null, {}, (caller, signal) => this.demo.addNode(caller, signal));
  }

  actOnDatabase(action: 'kill' | 'start', context: CallContext): Promise<void> {
    const message = action === 'kill' ? 'Killed the database' : 'Started the database';
    return this.#recorded(`demo.database.${action}`, message, context, null, { action }, (caller, signal) => this.demo.actOnDatabase(action, caller, signal));
  }

  resetPassword(context: CallContext): Promise<{ user: string; password: string }> {
    return this.#recorded('demo.resetPassword', 'Set a new password for the administrator', context, null, {}, (caller, signal) =>
      this.demo.resetPassword(caller, signal));
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
  #recorded<T>(
    type: string, message: string, { caller, signal }: CallContext, nodeId: string | null, detail: Record<string, unknown>,
    act: (caller: string, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const work = this.#record(type, message, caller, nodeId, detail, () => act(caller, AbortSignal.any([signal, this.#closing.signal])));
    this.#underWay.add(work);
    // whoever asked hears of a failure; here only the end counts
    work.catch(() => undefined).finally(() => this.#underWay.delete(work));
    return work;
  }

  async #record<T>(
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
