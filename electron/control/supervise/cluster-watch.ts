import type { Dispatcher } from 'undici';
import { BulkheadError, type BalancerStatus, type ClusterView } from '../../../server-bundle/contract/index.ts';
import type { Topology } from '../../contract/index.ts';
import type { Journal } from '../journal/index.ts';
import { askAnyNode, type ClusterAccess, type NodeAddress } from '../node-api/index.ts';
import { Snapshot } from '../streams/index.ts';
import { readBalancerStatus } from './balancer-status.ts';
import { drawTopology } from './draw-topology.ts';
import { EventFollower } from './event-follower.ts';
import { pollingMs } from './freshness.ts';
import type { LocalSight } from './local-sight.ts';
import type { Heard, OperatorAct } from './observation.ts';
import { observeChanges } from './observe-changes.ts';
import { RequestHistories } from './request-histories.ts';

/** Looking at this machine's own processes is cheap; asking nodes is not. All in milliseconds. */
const lookWatchedMs = 250;
const lookUnwatchedMs = 2000;
const pollUrgentMs = 250;
const pollUnwatchedMs = 10_000;
/** Two apps that see the same change within this time write it once. */
const sameObservationMs = 5000;

/** Follows one cluster for as long as the control room lives: often while somebody watches, now and then otherwise. */
export class ClusterWatch {
  readonly access: ClusterAccess;
  readonly topology: Snapshot<Topology>;
  readonly #look: () => Promise<LocalSight>;
  readonly #agent: Dispatcher;
  readonly #journal: Journal;
  readonly #follower: EventFollower;
  readonly #histories = new RequestHistories();
  readonly #acts = new Map<string, OperatorAct>();
  readonly #closed = new AbortController();
  #local: LocalSight;
  #view: Heard<ClusterView> | null = null;
  #balancer: Heard<BalancerStatus> | null = null;
  #databaseRefused = false;
  #masterSeenAt: number | null = null;
  #pollAt = 0;
  #polling: Promise<void> | null = null;
  #publishedAt = 0;
  #watchers = 0;
  #isDue = false;
  #wake = (): void => undefined;
  #loop: Promise<void> = Promise.resolve();

  constructor(access: ClusterAccess, look: () => Promise<LocalSight>, agent: Dispatcher, journal: Journal) {
    this.access = access;
    this.#look = look;
    this.#agent = agent;
    this.#journal = journal;
    this.#local = { lifecycle: 'off', failure: null, inventory: [], processes: new Map(), databaseProcess: null, balancer: null };
    this.topology = new Snapshot(this.#draw());
    this.#follower = new EventFollower(access, agent, journal, () => this.refresh());
  }

  /** Begins to look; resolves after the first look. */
  async start(): Promise<void> {
    await this.#round();
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#follower.stop();
    this.#wake();
    await this.#loop;
    await this.#polling;
  }

  /** The picture now and after every change, at least once a second; the cluster is asked often while this is read. */
  async* watch(signal: AbortSignal): AsyncGenerator<Topology> {
    this.#watchers += 1;
    this.refresh();
    try {
      yield* this.topology.watch(AbortSignal.any([signal, this.#closed.signal]));
    } finally {
      this.#watchers -= 1;
    }
  }

  /** Look and ask now: something has happened. */
  refresh(): void {
    this.#isDue = true;
    this.#wake();
  }

  /** Notes what a person did to a node from this app, for the words beside it. */
  noteAct(nodeId: string, what: string): void {
    this.#acts.set(nodeId, { what, at: performance.now() });
    this.refresh();
  }

  async #run(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      const pause = this.#watchers > 0 ? lookWatchedMs : lookUnwatchedMs;
      if (!this.#isDue) {
        await new Promise<void>((resolve) => {
          const timer = setTimeout(resolve, pause);
          this.#wake = () => { clearTimeout(timer); resolve(); };
        });
      }
      await this.#round();
    }
  }

  async #round(): Promise<void> {
    if (this.#closed.signal.aborted) return;
    const isDue = this.#isDue;
    this.#isDue = false;
    const before = this.#local;
    this.#local = await this.#look().catch(() => before);
    const hasChanged = isDue || JSON.stringify(looks(before)) !== JSON.stringify(looks(this.#local));
    if (this.#local.lifecycle === 'off') this.#forget();
    else this.#pollWhenDue(hasChanged);
    if (this.#local.lifecycle === 'running') this.#follower.steer(this.#view?.value.cluster.id ?? null, this.#candidates());
    else this.#follower.stop();
    if (hasChanged || performance.now() - this.#publishedAt >= pollingMs) this.#publish();
  }

  #pollWhenDue(hasChanged: boolean): void {
    if (this.#polling !== null) return;
    const isUrgent = this.topology.value.master === null || this.topology.value.nodes.some((node) => node.observed !== 'serving');
    const interval = this.#watchers === 0 ? pollUnwatchedMs : isUrgent ? pollUrgentMs : pollingMs;
    if (!hasChanged && performance.now() - this.#pollAt < interval) return;
    this.#pollAt = performance.now();
    this.#polling = this.#poll().finally(() => {
      this.#polling = null;
      if (!this.#closed.signal.aborted) this.#publish();
    });
  }

  async #poll(): Promise<void> {
    await Promise.all([this.#pollView(), this.#pollBalancer()]);
  }

  async #pollView(): Promise<void> {
    const candidates = this.#candidates();
    const asking = { ...this.access, nodes: () => Promise.resolve(candidates) };
    try {
      const view = await askAnyNode(asking, this.#agent, (node) => node.view(this.#closed.signal), this.#view?.value.answeredBy);
      const at = performance.now();
      this.#view = { value: view, at };
      this.#databaseRefused = false;
      if (view.master !== null) this.#masterSeenAt = at;
      this.#histories.add(at, new Map(view.nodes.map((node) => [node.nodeId, node.rates?.requestsPerSecond ?? 0])));
    } catch (error) {
      this.#databaseRefused = error instanceof BulkheadError && error.code === 'DATABASE_UNAVAILABLE';
    }
  }

  async #pollBalancer(): Promise<void> {
    const { balancer } = this.#local;
    if (balancer === null) return;
    const status = await readBalancerStatus(balancer.statusUrl, this.#agent);
    if (status !== null) this.#balancer = { value: status, at: performance.now() };
  }

  /** Nodes that may answer: one whose process does not run would only be waited for. */
  #candidates(): NodeAddress[] {
    return this.#local.inventory.filter(({ nodeId }) => (this.#local.processes.get(nodeId)?.state ?? 'running') === 'running');
  }

  #forget(): void {
    this.#view = null;
    this.#balancer = null;
    this.#databaseRefused = false;
    this.#masterSeenAt = null;
    this.#histories.clear();
    this.#acts.clear();
  }

  #publish(): void {
    this.#publishedAt = performance.now();
    const before = this.topology.value;
    const after = this.#draw();
    this.topology.set(after);
    for (const change of observeChanges(before, after)) {
      const origin = { cluster: `observed/${after.clusterId}/${change.type}/${change.nodeId ?? ''}`, seq: Math.floor(after.at / sameObservationMs) };
      this.#journal.write({ clusterId: after.clusterId, source: 'observed', ...change, at: after.at, origin });
    }
  }

  #draw(): Topology {
    const { clusterId, name, kind } = this.access;
    const { lifecycle, failure, inventory, processes, databaseProcess, balancer } = this.#local;
    return drawTopology({
      clusterId, name, kind, lifecycle, failure, inventory, processes, databaseProcess,
      now: performance.now(),
      wallClock: Date.now(),
      balancer: balancer === null ? null : { url: balancer.url, process: balancer.process, status: this.#balancer },
      view: this.#view,
      databaseRefused: this.#databaseRefused,
      masterSeenAt: this.#masterSeenAt,
      histories: this.#histories.values,
      acts: this.#acts,
    });
  }
}

/** What of a look makes a difference. */
function looks({ lifecycle, inventory, processes, databaseProcess, balancer, failure }: LocalSight): unknown {
  return { lifecycle, inventory, processes: [...processes], databaseProcess, balancer, failure };
}
