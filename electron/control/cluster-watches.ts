import type { Dispatcher } from 'undici';
import { BulkheadError, type NodeFacts } from '../../server-bundle/contract/index.ts';
import type { ClusterSummary, LanCluster, Topology } from '../contract/index.ts';
import type { DemoDesk } from './demo-desk.ts';
import { demoClusterId, type Hosts, type LanClusters } from './fleet/index.ts';
import type { HostLinks } from './host-link/index.ts';
import type { Journal } from './journal/index.ts';
import { Snapshot } from './streams/index.ts';
import { ClusterWatch, summarize } from './supervise/index.ts';
import { lanAccess, lookAtLan, type HostNames } from './watch-lan.ts';

/** The inventory is read this often, milliseconds: another program may have changed it. */
const inventoryMs = 1000;
/** How long a list waits for clusters that were never heard, milliseconds. */
const firstWordMs = 5000;

interface Watched {
  cluster: LanCluster;
  readonly watch: ClusterWatch;
  readonly started: Promise<void>;
  readonly holds: Map<string, () => void>;
}

export interface ClusterWatchesParts {
  readonly desk: DemoDesk;
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly links: HostLinks;
  readonly agent: Dispatcher;
  readonly journal: Journal;
  /** false: a cluster on hosts is watched from the first question about it; for programs that answer one and end */
  readonly eager: boolean;
}

/** Who watches which cluster: the demo, and every cluster on hosts for as long as the inventory has it. */
export class ClusterWatches {
  readonly #parts: ClusterWatchesParts;
  readonly #watched = new Map<string, Watched>();
  readonly #summaries = new Snapshot<ClusterSummary[]>([]);
  readonly #unlisten = new Map<ClusterWatch, () => void>();
  #timer: NodeJS.Timeout | null = null;
  #inventory: LanCluster[] = [];
  #hostNames: HostNames = new Map();
  #hostEntries: ReadonlyMap<string, string> = new Map();
  #told = '';
  #closing: Promise<void> = Promise.resolve();
  #stopDemo = (): void => undefined;

  constructor(parts: ClusterWatchesParts) {
    this.#parts = parts;
  }

  /** Begins to watch. */
  async start(): Promise<void> {
    const { desk } = this.#parts;
    this.#stopDemo = desk.current.onChange(() => { this.#listen(desk.watch); });
    this.#listen(desk.watch);
    await desk.watch.start();
    this.refresh();
    this.#timer = setInterval(() => { this.refresh(); }, inventoryMs);
    this.#timer.unref();
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#stopDemo();
    for (const stop of this.#unlisten.values()) stop();
    const open = [...this.#watched.values()];
    this.#watched.clear();
    await Promise.all(open.map((entry) => this.#end(entry)));
    await this.#closing;
  }

  /** Reads the inventory: new clusters are watched, forgotten ones are let go. */
  refresh(): void {
    const { clusters, hosts, links, eager } = this.#parts;
    this.#inventory = clusters.list();
    const names = hosts.list();
    this.#renewChanged(names);
    this.#hostNames = new Map(names.map(({ hostId, name, address }) => [hostId, { name, address }]));
    for (const [clusterId, entry] of this.#watched) {
      const cluster = this.#inventory.find((known) => known.clusterId === clusterId);
      if (cluster === undefined) {
        this.#watched.delete(clusterId);
        this.#unlisten.get(entry.watch)?.();
        this.#unlisten.delete(entry.watch);
        this.#closing = Promise.all([this.#closing, this.#end(entry)]).then(() => undefined);
      } else {
        entry.cluster = cluster;
        this.#hold(entry);
      }
    }
    if (eager) for (const cluster of this.#inventory) this.#watch(cluster);
    const nodes = this.#inventory.flatMap((cluster) => cluster.nodes);
    this.#closing = Promise.all([this.#closing, links.keepOnly(new Set(names.map(({ hostId }) => hostId)), new Set(nodes.map(({ url }) => url)))]).then(() => undefined);
    this.#summarize();
  }

  /** Connections to hosts whose entries were edited, here or in another program. */
  #renewChanged(hosts: ReturnType<Hosts['list']>): void {
    const entries = new Map(hosts.map((host) => [host.hostId, JSON.stringify(host)]));
    for (const [hostId, entry] of entries) {
      const before = this.#hostEntries.get(hostId);
      if (before !== undefined && before !== entry) this.#closing = Promise.all([this.#closing, this.#parts.links.renew(hostId)]).then(() => undefined);
    }
    this.#hostEntries = entries;
  }

  /** By id or name. Throws CLUSTER_NOT_FOUND. */
  of(idOrName: string): ClusterWatch {
    if (idOrName === demoClusterId) return this.#parts.desk.watch;
    const cluster = this.#parts.clusters.get(idOrName);
    return this.#watch(cluster).watch;
  }

  /** The LAN cluster as the inventory has it. Throws NOT_SUPPORTED for the demo. */
  lan(idOrName: string): LanCluster {
    if (idOrName === demoClusterId) throw new BulkheadError('NOT_SUPPORTED', 'The demo has no hosts');
    return this.#parts.clusters.get(idOrName);
  }

  /** The id of a cluster that is given by id or name; what is no cluster any more stays as it is. */
  idOf(idOrName: string): string {
    return this.#parts.clusters.list().find(({ clusterId, settings }) => clusterId === idOrName || settings.name === idOrName)?.clusterId ?? idOrName;
  }

  /** What the nodes of a LAN cluster say of their own configuration about clients, once it has been asked. Throws CLUSTER_NOT_FOUND. */
  async clientSettings(idOrName: string): Promise<ReadonlyMap<string, NonNullable<NodeFacts['clients']>>> {
    const watch = this.of(idOrName);
    await firstWords([watch]);
    return watch.clientSettings();
  }

  /** All clusters, once each of them has been asked. */
  async list(): Promise<ClusterSummary[]> {
    this.refresh();
    for (const cluster of this.#inventory) this.#watch(cluster);
    await firstWords([this.#parts.desk.watch, ...[...this.#watched.values()].map(({ watch }) => watch)]);
    this.#summarize();
    return this.#summaries.value;
  }

  /** The list now, and whenever a line of it changes. */
  watchList(signal: AbortSignal): AsyncIterable<ClusterSummary[]> {
    for (const cluster of this.#parts.clusters.list()) this.#watch(cluster);
    this.#summarize();
    return this.#summaries.watch(signal);
  }

  /** The picture of a cluster; that of the demo also after a start has moved it to another folder. Ends when the cluster is forgotten. */
  async* watchTopology(idOrName: string, signal: AbortSignal): AsyncGenerator<Topology> {
    let watch = this.of(idOrName);
    while (!signal.aborted) {
      yield* watch.watch(signal);
      // ended without the signal: the folder has changed, the cluster was forgotten, or the control room closes
      if (idOrName !== demoClusterId || this.#parts.desk.watch === watch) return;
      watch = this.#parts.desk.watch;
    }
  }

  #watch(cluster: LanCluster): Watched {
    const present = this.#watched.get(cluster.clusterId);
    if (present !== undefined) return present;
    const { links, agent, journal, clusters } = this.#parts;
    const { clusterId, settings } = cluster;
    const current = (): LanCluster => this.#watched.get(clusterId)?.cluster ?? cluster;
    const access = lanAccess(clusterId, settings.name, current, links, () => clusters.secret(clusterId, 'admin'));
    const watch = new ClusterWatch(access, () => Promise.resolve(lookAtLan(current(), this.#hostNames, links)), agent, journal);
    const entry: Watched = { cluster, watch, started: watch.start(), holds: new Map() };
    this.#watched.set(clusterId, entry);
    this.#hold(entry);
    this.#listen(watch);
    return entry;
  }

  /** Keeps the connections to the hosts of a cluster, and looks closer while somebody looks at the cluster. */
  #hold({ cluster, holds, watch }: Watched): void {
    const wanted = new Set(cluster.nodes.map(({ hostId }) => hostId));
    for (const [hostId, release] of holds) {
      if (wanted.has(hostId)) continue;
      release();
      holds.delete(hostId);
    }
    for (const hostId of wanted) if (!holds.has(hostId)) holds.set(hostId, this.#parts.links.holdFor(hostId, () => watch.isWatched));
  }

  async #end({ watch, holds, started }: Watched): Promise<void> {
    for (const release of holds.values()) release();
    await started;
    await watch.close();
  }

  #listen(watch: ClusterWatch): void {
    if (this.#unlisten.has(watch)) return;
    this.#unlisten.set(watch, watch.topology.onChange(() => { this.#summarize(); }));
    this.#summarize();
  }

  #summarize(): void {
    const lan = this.#inventory.map(({ clusterId, settings, nodes }): ClusterSummary => {
      const watched = this.#watched.get(clusterId);
      if (nodes.length === 0) return { clusterId, name: settings.name, kind: 'lan', health: 'off', summary: 'No nodes yet' };
      return watched === undefined ? { clusterId, name: settings.name, kind: 'lan', health: 'unknown', summary: 'Not looked at yet' } : summarize(watched.watch.topology.value);
    });
    const list = [summarize(this.#parts.desk.watch.topology.value), ...lan];
    const text = JSON.stringify(list);
    if (text === this.#told) return;
    this.#told = text;
    this.#summaries.set(list);
  }
}

/** Until each has been asked once, or that takes too long. */
async function firstWords(watches: readonly ClusterWatch[]): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => { timer = setTimeout(resolve, firstWordMs); });
  await Promise.race([Promise.all(watches.map((watch) => watch.asked)), late]).finally(() => { clearTimeout(timer); });
}
