import type { Dispatcher } from 'undici';
import { BulkheadError, type BalancerStatus, type ClusterView, type NodeFacts } from '../../../server-bundle/contract/index.ts';
import type { NodeDetails, Topology } from '../../contract/index.ts';
import type { Journal } from '../journal/index.ts';
import { askAnyNode, NodeApi, type ClusterAccess, type NodeAddress } from '../node-api/index.ts';
import { Snapshot } from '../streams/index.ts';
import { readBalancerStatus } from './balancer-status.ts';
import { conditionOf } from './condition.ts';
import { ConditionTracks, type TrackedCondition } from './condition-track.ts';
import { drawDetails } from './draw-details.ts';
import { drawTopology } from './draw-topology.ts';
import { EventFollower } from './event-follower.ts';
import { evidenceOf, newestSign } from './evidence.ts';
import { pollingMs } from './freshness.ts';
import type { LocalSight } from './local-sight.ts';
import type { Heard, HostSight, Observation, OperatorAct } from './observation.ts';
import { observeChanges } from './observe-changes.ts';
import { OwnWords } from './own-words.ts';
import { RequestHistories } from './request-histories.ts';

/** Looking at this machine's own processes is cheap; asking nodes is not. All in milliseconds. */
const lookWatchedMs = 250;
const lookUnwatchedMs = 2000;
const pollUrgentMs = 250;
const pollUnwatchedMs = 10_000;
/** Two apps that see the same change within this time write it once. */
const sameObservationMs = 5000;
/** A member that the cluster heard within this time need not be asked for its own word each time. */
const vouchedMs = 1500;
const vouchedRounds = 5;
const nowhere: NodeDetails['api'] = { way: 'none', problem: null };

/** Follows one cluster for as long as the control room lives: often while somebody watches, now and then otherwise. */
export class ClusterWatch {
  readonly access: ClusterAccess;
  readonly topology: Snapshot<Topology>;
  /** resolves when the cluster has been asked once, or is off */
  readonly asked: Promise<void>;
  readonly #onAsked: () => void;
  readonly #look: () => Promise<LocalSight>;
  readonly #agent: Dispatcher;
  readonly #journal: Journal;
  readonly #follower: EventFollower;
  readonly #histories = new RequestHistories();
  readonly #acts = new Map<string, OperatorAct>();
  readonly #tracks = new ConditionTracks();
  readonly #words: OwnWords;
  readonly #closed = new AbortController();
  #local: LocalSight;
  #view: Heard<ClusterView> | null = null;
  #balancer: Heard<BalancerStatus> | null = null;
  #databaseRefused = false;
  #databaseClock: Observation['databaseClock'] = null;
  #masterSeenAt: number | null = null;
  #pollAt = 0;
  #polling: Promise<void> | null = null;
  #publishedAt = 0;
  #watchers = 0;
  /** the pace of the last round that was finished: what was learned at a slower one is not stale because somebody begins to look */
  #paceMs = pollUnwatchedMs;
  #observation: Observation;
  #isDue = false;
  #wake = (): void => undefined;
  #loop: Promise<void> = Promise.resolve();
  #starting: Promise<void> = Promise.resolve();

  constructor(access: ClusterAccess, look: () => Promise<LocalSight>, agent: Dispatcher, journal: Journal) {
    this.access = access;
    let onAsked = (): void => undefined;
    this.asked = new Promise((resolve) => { onAsked = resolve; });
    this.#onAsked = onAsked;
    this.#look = look;
    this.#agent = agent;
    this.#journal = journal;
    this.#local = { lifecycle: 'off', failure: null, inventory: [], processes: new Map(), databaseProcess: null, balancer: null };
    this.#words = new OwnWords((nodeId, url) => new NodeApi({ nodeId, url }, null, agent).ownWord(this.#closed.signal), () => { this.refresh(); });
    this.#observation = this.#observe();
    this.topology = new Snapshot(drawTopology(this.#observation));
    this.#follower = new EventFollower(access, agent, journal, () => this.refresh());
  }

  /** Begins to look; resolves after the first look. */
  async start(): Promise<void> {
    this.#starting = this.#round();
    await this.#starting;
    this.#loop = this.#run();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    this.#follower.stop();
    this.#wake();
    await this.#loop;
    await this.#polling;
    await this.#words.settled();
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

  /** Everything about one node, now and at least once a second. Ends when the node is not part of the cluster any more. */
  async* details(nodeId: string, signal: AbortSignal): AsyncGenerator<NodeDetails> {
    await this.#starting;
    for await (const _ of this.watch(signal)) {
      const details = drawDetails(this.#observation, nodeId);
      if (details === null) return;
      yield details;
    }
  }

  /** What nodes said of their configuration about clients when the cluster was last heard, by their ids. */
  clientSettings(): ReadonlyMap<string, NonNullable<NodeFacts['clients']>> {
    return new Map(this.#view?.value.nodes.flatMap(({ nodeId, facts }) => (facts?.clients === undefined ? [] : [[nodeId, facts.clients]])));
  }

  /** Somebody reads the picture now. */
  get isWatched(): boolean {
    return this.#watchers > 0;
  }

  /** True for a node of the picture. */
  knows(nodeId: string): boolean {
    return this.topology.value.nodes.some((node) => node.nodeId === nodeId);
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
    if (this.#local.lifecycle === 'off') {
      this.#forget();
      this.#onAsked();
    } else this.#pollWhenDue(hasChanged);
    if (this.#local.lifecycle === 'running') this.#follower.steer(this.#view?.value.cluster.id ?? null, this.#candidates());
    else this.#follower.stop();
    if (hasChanged || performance.now() - this.#publishedAt >= pollingMs) this.#publish();
  }

  #pollWhenDue(hasChanged: boolean): void {
    if (this.#polling !== null) return;
    const isUrgent = this.topology.value.master === null || this.topology.value.nodes.some((node) => node.observed !== 'serving');
    const interval = this.#watchers === 0 ? pollUnwatchedMs : isUrgent ? this.#urgentMs() : pollingMs;
    if (!hasChanged && performance.now() - this.#pollAt < interval) return;
    this.#pollAt = performance.now();
    this.#polling = this.#poll().finally(() => {
      this.#polling = null;
      this.#paceMs = Math.max(interval, pollingMs);
      if (!this.#closed.signal.aborted) this.#publish();
      this.#onAsked();
    });
  }

  async #poll(): Promise<void> {
    this.#askNodes();
    await Promise.all([this.#pollView(), this.#pollBalancer()]);
  }

  /** A cluster on hosts may be in trouble for days: that is no reason to ask more often than it can change. */
  #urgentMs(): number {
    return this.access.kind === 'demo' ? pollUrgentMs : pollingMs;
  }

  /** Nodes whose own word is worth more than their heartbeat. Not waited for: a silent one must not hold up the picture. */
  #askNodes(): void {
    const { hosts, inventory } = this.#local;
    if (hosts === undefined) return;
    const everyMs = this.#watchers > 0 ? pollingMs : pollUnwatchedMs;
    const viewAge = this.#view === null ? Number.POSITIVE_INFINITY : performance.now() - this.#view.at;
    for (const { nodeId, url } of inventory) {
      const reported = this.#view?.value.nodes.find((node) => node.nodeId === nodeId);
      const isVouched = viewAge < 2 * everyMs && reported?.observed === 'serving' && (reported.heartbeatAgeMs ?? Number.POSITIVE_INFINITY) < vouchedMs;
      // a little early is better than a round too late
      this.#words.askWhenDue(nodeId, url, (isVouched ? vouchedRounds * everyMs : everyMs) - 50, () => this.#local.hosts?.get(nodeId)?.api ?? nowhere);
    }
  }

  async #pollView(): Promise<void> {
    const candidates = this.#candidates();
    const asking = { ...this.access, nodes: () => Promise.resolve(candidates) };
    const isHopeful = candidates.some(({ nodeId }) => nodeId === this.#view?.value.answeredBy);
    try {
      let askedAt = performance.now();
      const view = await askAnyNode(asking, this.#agent, (node) => {
        askedAt = performance.now();
        return node.view(this.#closed.signal);
      }, isHopeful ? this.#view?.value.answeredBy : null);
      const at = performance.now();
      const halfMs = (at - askedAt) / 2;
      this.#databaseClock = { offsetMs: Math.round(Date.parse(view.asOf) - (Date.now() - halfMs)), uncertaintyMs: Math.ceil(halfMs) };
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
    const { inventory, processes, hosts } = this.#local;
    if (hosts === undefined) return inventory.filter(({ nodeId }) => (processes.get(nodeId)?.state ?? 'running') === 'running');
    const rank = ({ nodeId }: NodeAddress): number => candidateRank(this.#observation.conditions.get(nodeId));
    const ranked = [...inventory].sort((a, b) => rank(a) - rank(b));
    const hopeful = ranked.filter((node) => rank(node) < hopeless);
    return hopeful.length > 0 ? hopeful : ranked;
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
    this.#observation = this.#observe();
    const after = drawTopology(this.#observation);
    this.topology.set(after);
    for (const change of observeChanges(before, after)) {
      const origin = { cluster: `observed/${after.clusterId}/${change.type}/${change.nodeId ?? ''}`, seq: Math.floor(after.at / sameObservationMs) };
      this.#journal.write({ clusterId: after.clusterId, source: 'observed', ...change, at: after.at, origin });
    }
  }

  #observe(): Observation {
    const { clusterId, name, kind } = this.access;
    const { lifecycle, failure, inventory, processes, databaseProcess, balancer, hosts = noHosts } = this.#local;
    const seen = {
      clusterId, name, kind, lifecycle, failure, inventory, processes, databaseProcess, hosts,
      now: performance.now(),
      wallClock: Date.now(),
      balancer: balancer === null ? null : { url: balancer.url, process: balancer.process, status: this.#balancer },
      view: this.#view,
      databaseRefused: this.#databaseRefused,
      databaseClock: this.#databaseClock,
      masterSeenAt: this.#masterSeenAt,
      histories: this.#histories.values,
      acts: this.#acts,
      intervalMs: this.#paceMs,
      words: this.#words.values,
    };
    return { ...seen, conditions: this.#judge(seen) };
  }

  #judge(seen: Omit<Observation, 'conditions'>): Map<string, TrackedCondition> {
    const known = new Set(seen.hosts.keys());
    this.#tracks.keepOnly(known);
    this.#words.keepOnly(known);
    return new Map([...known].map((nodeId) => {
      const age = newestSign(seen, nodeId);
      return [nodeId, this.#tracks.note(nodeId, conditionOf(evidenceOf(seen, nodeId)), age === null ? null : Math.round(seen.wallClock - age), seen.wallClock)];
    }));
  }
}

const noHosts: ReadonlyMap<string, HostSight> = new Map();
const hopeless = 3;

/** Who is asked first; those that are `hopeless` only when there is nobody else. */
function candidateRank(condition: TrackedCondition | undefined): number {
  switch (condition?.condition) {
    case 'serving': return 0;
    case 'draining': case 'drained': case 'starting': case 'fenced': return 1;
    case 'unknown': case 'cut-off-from-database': case undefined: return 2;
    case 'node-silent': case 'host-up-node-down': case 'host-unreachable': return hopeless;
  }
}

/** What of a look makes a difference. */
function looks({ lifecycle, inventory, processes, databaseProcess, balancer, failure, hosts = noHosts }: LocalSight): unknown {
  // figures change all the time; what a host and its service are like does not
  const links = [...hosts].map(([nodeId, { link }]) => [nodeId, link.reachability, link.vitals?.raw.unit.get('ActiveState'), link.vitals?.raw.unit.get('MainPID')]);
  return { lifecycle, inventory, processes: [...processes], databaseProcess, balancer, failure, links };
}
