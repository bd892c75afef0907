import type { Dispatcher } from 'undici';
import type { AlertMute } from '../../../server-bundle/contract/index.ts';
import type { Alert, AlertPicture, Topology } from '../../contract/index.ts';
import type { Journal } from '../journal/index.ts';
import type { ClusterAccess } from '../node-api/index.ts';
import { Snapshot } from '../streams/index.ts';
import type { AlertBook } from './alert-book.ts';
import { ClusterFeed } from './cluster-feed.ts';
import { countsOf } from './counts.ts';
import { drawAlerts } from './draw-alerts.ts';
import { OwnAlerts } from './own-alerts.ts';

/** One cluster of the inventory, as supervision knows it. */
export interface WatchedCluster {
  readonly access: ClusterAccess;
  readonly picture: Topology;
}

export interface AlertBoardOptions {
  /** every cluster that this app knows */
  readonly clusters: () => readonly WatchedCluster[];
  readonly agent: Dispatcher;
  readonly journal: Journal;
  readonly book: AlertBook;
  /** false: clusters are asked only while somebody watches; for programs that answer one question and end */
  readonly eager: boolean;
}

/** All in milliseconds. */
const tickMs = 1000;
const askWatchedMs = 2000;
const askUnwatchedMs = 10_000;
/** How long a program that ends at once looks for an alert. */
const lookMs = 15_000;
/** What this app sees must hold for this long: a restart, or a cable that is changed, is no alert. */
const ownHysteresis = { raiseAfterMs: 15_000, clearAfterMs: 5000 };

interface Entry {
  readonly feed: ClusterFeed;
  readonly own: OwnAlerts;
}

/** The alerts of all clusters, from their masters and from what this app sees itself. */
export class AlertBoard {
  readonly picture = new Snapshot<AlertPicture>({ alerts: [], clusters: [], counts: { bad: 0, warning: 0, acknowledged: 0, muted: 0 } });
  readonly #options: AlertBoardOptions;
  readonly #entries = new Map<string, Entry>();
  readonly #closed = new AbortController();
  readonly #asking = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #watchers = 0;
  #told = '';

  constructor(options: AlertBoardOptions) {
    this.#options = options;
  }

  start(): void {
    if (this.#options.eager) this.#beginToTick();
    void this.#followJournal();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    if (this.#timer !== null) clearInterval(this.#timer);
    await Promise.all(this.#asking);
  }

  /** The picture now and after each change; of one cluster, or of all. */
  async* watch(clusterId: string | undefined, signal: AbortSignal): AsyncGenerator<AlertPicture> {
    this.#watchers += 1;
    this.#beginToTick();
    this.#tick();
    try {
      for await (const picture of this.picture.watch(AbortSignal.any([signal, this.#closed.signal]))) {
        yield clusterId === undefined ? picture : onlyOf(picture, clusterId);
      }
    } finally {
      this.#watchers -= 1;
      if (this.#watchers === 0 && !this.#options.eager && this.#timer !== null) {
        clearInterval(this.#timer);
        this.#timer = null;
      }
    }
  }

  /** Asks a cluster now, because something was done there. */
  async refresh(clusterId: string): Promise<void> {
    const cluster = this.#options.clusters().find(({ picture }) => picture.clusterId === clusterId);
    if (cluster === undefined) return;
    await this.#ask(cluster, this.#entry(clusterId));
  }

  /** Takes over an alert that only this app knows; undefined when there is none. */
  async acknowledgeOwn(clusterId: string, alertId: string, by: string, note: string, signal: AbortSignal): Promise<Alert | undefined> {
    if (!this.#options.eager) await this.#lookUntil(clusterId, alertId, AbortSignal.any([signal, AbortSignal.timeout(lookMs)]));
    const done = this.#entry(clusterId).own.acknowledge(alertId, { by, note, at: new Date().toISOString() });
    if (!done) return undefined;
    this.#draw();
    return this.picture.value.alerts.find(({ id }) => id === alertId);
  }

  /** A program that has only just begun has to look first. */
  async #lookUntil(clusterId: string, alertId: string, signal: AbortSignal): Promise<void> {
    for await (const { alerts, clusters } of this.watch(clusterId, signal)) {
      if (alerts.some(({ id }) => id === alertId) || clusters.every(({ freshness }) => freshness === 'live')) return;
    }
  }

  #entry(clusterId: string): Entry {
    let entry = this.#entries.get(clusterId);
    if (entry === undefined) {
      // a program that answers one question has no time to watch: what it sees is what it says
      const own = new OwnAlerts({ ...(this.#options.eager ? ownHysteresis : { raiseAfterMs: 0, clearAfterMs: 0 }), clusterId, book: this.#options.book, endsAlerts: this.#options.eager });
      entry = { feed: new ClusterFeed(this.#options.agent), own };
      this.#entries.set(clusterId, entry);
    }
    return entry;
  }

  #beginToTick(): void {
    if (this.#timer !== null || this.#closed.signal.aborted) return;
    this.#timer = setInterval(() => { this.#tick(); }, tickMs);
    this.#timer.unref();
  }

  #tick(): void {
    const clusters = this.#options.clusters();
    const ids = new Set(clusters.map(({ picture }) => picture.clusterId));
    for (const clusterId of this.#entries.keys()) if (!ids.has(clusterId)) this.#entries.delete(clusterId);
    for (const cluster of clusters) {
      const { picture } = cluster;
      const entry = this.#entry(picture.clusterId);
      this.#note(picture, entry);
      if (picture.lifecycle !== 'running') entry.feed.forget();
      else if (entry.feed.sinceAskedMs >= this.#askMs) void this.#ask(cluster, entry);
    }
    this.#draw();
  }

  get #askMs(): number {
    return this.#watchers > 0 ? askWatchedMs : askUnwatchedMs;
  }

  async #ask({ access }: WatchedCluster, { feed }: Entry): Promise<void> {
    const asking = feed.ask(access, this.#closed.signal);
    this.#asking.add(asking);
    await asking;
    this.#asking.delete(asking);
    if (this.#closed.signal.aborted) return;
    if (feed.heard !== null) this.#options.book.heard(access.clusterId, feed.heard.mutes);
    this.#draw();
  }

  #note(picture: Topology, { own }: Entry): void {
    const { clusterId } = picture;
    for (const { kind, condition } of own.look(picture, Date.now())) {
      const { rule, title, severity, nodeId, message, value, subject } = condition;
      // what a program sees that ends at once is no news
      if (!this.#options.eager) continue;
      this.#options.journal.write({
        clusterId, source: 'observed', severity: kind === 'raised' ? severity : 'info', type: `alert.${kind}`, nodeId,
        message: `${kind === 'raised' ? '' : 'Over: '}${title}: ${message}`, detail: { rule, subject, value, seenFrom: 'this app' },
      });
    }
  }

  #draw(): void {
    const picture = drawAlerts(this.#options.clusters().map(({ picture: topology }) => {
      const { feed, own } = this.#entry(topology.clusterId);
      return { topology, heard: feed.heard, problem: feed.problem, own: own.open(topology), kept: this.#keptMutes(topology.clusterId, feed) };
    }), { now: performance.now(), wallClock: Date.now(), intervalMs: this.#askMs });
    const text = JSON.stringify(picture);
    if (text === this.#told) return;
    this.#told = text;
    this.picture.set(picture);
  }

  /** While a cluster has said nothing since the start, what it said before counts. */
  #keptMutes(clusterId: string, { heard }: ClusterFeed): AlertMute[] {
    const { book } = this.#options;
    return [...book.mutes(clusterId, 'app', Date.now()), ...(heard === null ? book.mutes(clusterId, 'cluster', Date.now()) : [])];
  }

  /** An alert of a cluster is news there first: no need to wait for the next question. */
  async #followJournal(): Promise<void> {
    const { signal } = this.#closed;
    for await (const { source, type, clusterId } of this.#options.journal.watch(undefined, signal)) {
      if (source === 'cluster' && type.startsWith('alert.')) void this.refresh(clusterId);
    }
  }
}

function onlyOf(picture: AlertPicture, clusterId: string): AlertPicture {
  const alerts = picture.alerts.filter((alert) => alert.clusterId === clusterId);
  return { alerts, clusters: picture.clusters.filter((cluster) => cluster.clusterId === clusterId), counts: countsOf(alerts) };
}
