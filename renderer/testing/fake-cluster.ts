import type { ClusterNode, DatabaseBudget, EpochEntry, NodeCondition, ObservedState, Topology, TopologyNode } from '../../electron/contract/index.ts';
import type { Scenario } from './scenarios.ts';

interface FakeNode {
  nodeId: string;
  incarnation: string;
  observed: ObservedState;
  desired: 'serving' | 'draining' | 'drained' | 'stopped';
  process: 'running' | 'frozen' | 'stopped' | 'starting';
  pid: number;
  startedAt: number;
  silentSince: number | null;
  note: string | null;
  /** what is known from all sides; null where its own word is all there is */
  condition: NodeCondition | null;
  version: string;
  history: number[];
  rate: number;
}

/** What one made-up cluster is called, and how its parts are. */
export interface FakeIdentity {
  readonly clusterId: string;
  readonly name: string;
  readonly kind: Topology['kind'];
  nodeId(number: number): string;
  url(number: number): string;
  readonly balancer: Pick<NonNullable<Topology['balancer']>, 'kind' | 'url'>;
  readonly database: { readonly host: string; readonly port: number };
  readonly filestore: string;
  readonly version: string;
}

export const demoIdentity: FakeIdentity = {
  clusterId: 'demo', name: 'demo', kind: 'demo', version: '0.1.0',
  nodeId: (number) => `node-${number}`, url: (number) => `http://127.0.0.1:${18_080 + number}`,
  balancer: { kind: 'embedded', url: 'http://127.0.0.1:8080' }, database: { host: '127.0.0.1', port: 54_329 }, filestore: '/home/ops/.local/share/bulkhead/demo/filestore',
};

export const lanIdentity: FakeIdentity = {
  clusterId: 'berlin', name: 'artifacts-berlin', kind: 'lan', version: '1.4.0',
  nodeId: (number) => `art-${number}`, url: (number) => `http://10.0.4.${10 + number}:8081`,
  balancer: { kind: 'nginx', url: 'https://art.lan' }, database: { host: 'db.lan', port: 5432 }, filestore: '/srv/artifacts',
};

const poolMax = 25;
const control = 1;
const maxConnections = 100;
const kept = 10;
const budget = maxConnections - 3 - kept;

/** A cluster that lives as the real one would, as far as screens can tell. Every change goes through its methods. */
export class FakeCluster {
  nodes: FakeNode[] = [];
  masterId: string | null = null;
  masterlessSince: number | null = null;
  epochs: EpochEntry[] = [];
  databaseUp = true;
  readonly identity: FakeIdentity;
  readonly #load: number;
  readonly #frozenTime: boolean;
  #tick = 0;

  constructor(scenario: Scenario, identity = demoIdentity) {
    this.identity = identity;
    this.#load = scenario === 'idle' ? 0 : 1;
    this.#frozenTime = scenario === 'lost';
    const count = scenario === 'nine' ? 9 : scenario === 'lan-trouble' ? 6 : scenario === 'lan-new' ? 0 : scenario === 'one' ? 1 : 3;
    for (let number = 1; number <= count; number += 1) this.#join(identity.nodeId(number));
    this.#electSilently(scenario);
    for (let second = 0; second < 60; second += 1) this.tick();
    if (scenario === 'degraded') {
      this.drain(identity.nodeId(3));
      this.freeze(identity.nodeId(1));
    }
    if (scenario === 'lan-trouble') this.#trouble();
    if (scenario === 'masterless' && this.masterId !== null) {
      this.kill(this.masterId);
      this.masterId = null;
      this.masterlessSince = Date.now() - 400;
    }
    if (scenario === 'database-down') this.killDatabase();
  }

  #join(nodeId: string): void {
    this.nodes.push({
      nodeId, incarnation: crypto.randomUUID(), observed: 'serving', desired: 'serving', process: 'running', pid: 4_100 + this.nodes.length * 37,
      startedAt: Date.now() - 4_320_000, silentSince: null, note: null, condition: null, version: this.identity.version, history: [], rate: 0,
    });
  }

  /** Each way in which a node on a host can be gone, once. */
  #trouble(): void {
    const say = (number: number, observed: ObservedState, condition: NodeCondition, secondsAgo: number, note: string): void => {
      Object.assign(this.#find(this.identity.nodeId(number)), { observed, condition, note, rate: 0, silentSince: Date.now() - secondsAgo * 1000 });
    };
    this.elect(this.identity.nodeId(2), 'fail-over', 640);
    say(3, 'unreachable', 'host-unreachable', 95, '10.0.4.13 does not answer on port 22; no other node hears of it.');
    say(4, 'stopped', 'host-up-node-down', 312, 'The service has failed 3 times; systemd waits 30 s.');
    say(5, 'no-database', 'cut-off-from-database', 40, 'It answers, and reaches db.lan:5432 no more.');
    say(6, 'unreachable', 'unknown', 7_900, 'Last heard serving, 2 h ago.');
  }

  #electSilently(scenario: Scenario): void {
    const now = Date.now();
    const ids = this.nodes.map(({ nodeId }) => nodeId);
    const past: [number, EpochEntry['cause'], number | null][] = [[70, 'first', null], [54, 'fail-over', 812], [53.6, 'hand-over', 41], [31, 'fail-over', 640], [12, 'expired', 4_120], [9, 'hand-over', 38]];
    const use = scenario === 'one' ? past.slice(0, 1) : past;
    this.epochs = use.map(([minutesAgo, cause, gapMs], index): EpochEntry => ({
      epoch: index + 1, nodeId: ids[index % ids.length] ?? 'node-1', incarnation: crypto.randomUUID(), cause, gapMs,
      previousNodeId: index === 0 ? null : ids[(index - 1) % ids.length] ?? null,
      since: new Date(now - minutesAgo * 60_000).toISOString(),
      endedAt: index + 1 === use.length ? null : new Date(now - (use[index + 1]?.[0] ?? 0) * 60_000).toISOString(),
    })).reverse();
    this.masterId = this.epochs[0]?.nodeId ?? null;
  }

  #find(nodeId: string): FakeNode {
    const node = this.nodes.find((known) => known.nodeId === nodeId);
    if (node === undefined) throw Object.assign(new Error(`There is no ${nodeId}`), { code: 'NODE_NOT_FOUND', hint: 'Choose another node.' });
    return node;
  }

  get epoch(): number {
    return this.epochs[0]?.epoch ?? 0;
  }

  elect(nodeId: string, cause: EpochEntry['cause'], gapMs: number): void {
    const now = new Date().toISOString();
    const last = this.epochs[0];
    this.epochs = [
      { epoch: this.epoch + 1, nodeId, incarnation: this.#find(nodeId).incarnation, previousNodeId: last?.nodeId ?? null, cause, since: now, endedAt: null, gapMs },
      ...this.epochs.map((entry) => (entry.endedAt === null ? { ...entry, endedAt: now } : entry)),
    ];
    this.masterId = nodeId;
    this.masterlessSince = null;
  }

  serving(): string[] {
    return this.nodes.filter((node) => node.observed === 'serving' && node.process === 'running').map(({ nodeId }) => nodeId);
  }

  #loseMaster(nodeId: string, afterMs: number, cause: EpochEntry['cause']): void {
    if (this.masterId !== nodeId) return;
    this.masterId = null;
    this.masterlessSince = Date.now();
    setTimeout(() => {
      const next = this.serving()[0];
      if (this.masterId === null && next !== undefined) this.elect(next, cause, afterMs);
    }, afterMs);
  }

  kill(nodeId: string): void {
    Object.assign(this.#find(nodeId), { process: 'stopped', observed: 'stopped', note: 'Killed from this app', silentSince: Date.now(), rate: 0 });
    this.#loseMaster(nodeId, 700, 'fail-over');
  }
  freeze(nodeId: string): void {
    Object.assign(this.#find(nodeId), { process: 'frozen', observed: 'unreachable', note: 'Frozen from this app', silentSince: Date.now(), rate: 0 });
    this.#loseMaster(nodeId, 4_000, 'expired');
  }
  start(nodeId: string): void {
    const node = this.#find(nodeId);
    Object.assign(node, { process: 'starting', observed: 'starting', note: null, silentSince: null, incarnation: crypto.randomUUID(), startedAt: Date.now(), pid: node.pid + 1 });
    setTimeout(() => Object.assign(node, { process: 'running', observed: 'serving' }), 900);
  }
  thaw(nodeId: string): void {
    Object.assign(this.#find(nodeId), { process: 'running', observed: 'serving', note: null, silentSince: null });
  }
  drain(nodeId: string): void {
    Object.assign(this.#find(nodeId), { observed: 'draining', desired: 'draining' });
    if (this.masterId === nodeId) this.#loseMaster(nodeId, 40, 'hand-over');
  }
  undrain(nodeId: string): void {
    Object.assign(this.#find(nodeId), { observed: 'serving', desired: 'serving' });
  }
  remove(nodeId: string): void {
    this.#loseMaster(nodeId, 40, 'hand-over');
    this.nodes = this.nodes.filter((node) => node.nodeId !== nodeId);
  }
  add(): string {
    const number = Math.max(0, ...this.nodes.map(({ nodeId }) => Number(nodeId.replace(/\D/g, '')))) + 1;
    const nodeId = this.identity.nodeId(number);
    this.#join(nodeId);
    this.start(nodeId);
    return nodeId;
  }
  killDatabase(): void {
    this.databaseUp = false;
    for (const node of this.nodes) if (node.process === 'running') node.observed = 'no-database';
  }
  startDatabase(): void {
    this.databaseUp = true;
    for (const node of this.nodes) if (node.observed === 'no-database') node.observed = 'serving';
  }

  /** One second of traffic. */
  tick(): void {
    this.#tick += 1;
    for (const [index, node] of this.nodes.entries()) {
      const wave = 160 + 60 * Math.sin(this.#tick / 9 + index) + 40 * Math.sin(this.#tick / 3.1 + index * 2);
      node.rate = node.observed === 'serving' ? Math.max(0, wave) * this.#load : node.observed === 'draining' ? node.rate * 0.6 : 0;
      node.history = [...node.history, Math.round(node.rate)].slice(-60);
    }
  }

  #grant(): number {
    return Math.min(poolMax, Math.floor(budget / Math.max(1, this.nodes.length)) - control);
  }

  database(): DatabaseBudget {
    const holding = this.nodes.filter(({ process }) => process !== 'stopped');
    const pool = this.#grant();
    const granted = holding.length * (pool + control);
    return {
      serverVersion: '18.4', ...this.identity.database, name: 'bulkhead', maxConnections, superuserReserved: 3, reserved: 0, kept, limitedBy: null,
      budget, granted, free: budget - granted, observed: Math.round(granted * 0.62), foreign: this.identity.kind === 'lan' ? 12 : 1, minimumPerNode: 6, wantedPerNode: poolMax + control,
      grants: holding.map((node) => ({ nodeId: node.nodeId, incarnation: node.incarnation, pool, control, observed: Math.round(pool * 0.6) })),
    };
  }

  #reported(node: FakeNode): ClusterNode {
    const pool = this.#grant();
    const inUse = Math.min(pool, Math.round(node.rate / 16));
    return {
      nodeId: node.nodeId, incarnation: node.incarnation, url: this.#url(node), desired: node.desired, observed: node.observed, version: node.version,
      startedAt: new Date(node.startedAt).toISOString(), heartbeatAt: new Date(node.silentSince ?? Date.now()).toISOString(), heartbeatAgeMs: 240,
      inFlight: Math.round(node.rate / 14), drainDeadline: node.observed === 'draining' ? new Date(Date.now() + 280_000).toISOString() : null, caching: node.observed === 'serving',
      pool: { max: pool, inUse, idle: Math.min(pool - inUse, 7), waiting: 0 },
      rates: {
        requestsPerSecond: node.rate, bytesInPerSecond: node.rate * 21_000, bytesOutPerSecond: node.rate * 184_000, queriesPerSecond: node.rate * 0.7,
        p99Ms: node.rate > 0 ? 4.2 + node.rate / 90 : null, eventLoopP99Ms: 2.2, memoryBytes: 184_000_000,
      },
    };
  }

  #url(node: FakeNode): string {
    return this.identity.url(Number(node.nodeId.replace(/\D/g, '')));
  }

  conditionOf(node: FakeNode): NodeCondition {
    if (node.condition !== null) return node.condition;
    const own: Record<ObservedState, NodeCondition> = { starting: 'starting', serving: 'serving', draining: 'draining', drained: 'drained', fenced: 'fenced', 'no-database': 'cut-off-from-database', unreachable: 'host-unreachable', stopped: 'host-up-node-down' };
    return own[node.observed];
  }

  #node(node: FakeNode): TopologyNode {
    return {
      nodeId: node.nodeId, url: this.#url(node), observed: node.observed, note: node.note, process: this.identity.kind === 'lan' ? null : { state: node.process, pid: node.process === 'stopped' ? null : node.pid },
      freshness: node.condition === 'unknown' ? 'unknown' : node.silentSince !== null && node.condition !== 'cut-off-from-database' && Date.now() - node.silentSince > 3_000 ? 'stale' : 'live', ageMs: node.silentSince === null ? 240 : Date.now() - node.silentSince,
      isMaster: node.nodeId === this.masterId, reported: this.#reported(node), requestHistory: node.history,
      ...(this.identity.kind === 'lan' ? { condition: this.conditionOf(node), host: { hostId: `host-${node.nodeId}`, name: node.nodeId, reachability: node.condition === 'host-unreachable' || node.condition === 'unknown' ? 'unreachable' : 'reachable' } } : {}),
    };
  }

  topology(): Topology {
    const current = this.epochs[0];
    const now = this.#frozenTime ? Date.now() - 14_000 : Date.now();
    return {
      clusterId: this.identity.clusterId, name: this.identity.name, kind: this.identity.kind, at: now, lifecycle: this.nodes.length === 0 ? 'off' : 'running', failure: null, freshness: 'live',
      balancer: this.identity.kind === 'lan' ? null : {
        ...this.identity.balancer, state: 'serving', sticky: true, freshness: 'live',
        backends: this.nodes.map((node) => ({ nodeId: node.nodeId, health: node.observed === 'serving' ? 'up' : node.observed === 'draining' || node.observed === 'drained' ? 'draining' : 'down', requestsPerSecond: node.rate, bytesPerSecond: node.rate * 205_000 })),
      },
      nodes: this.nodes.map((node) => this.#node(node)),
      master: this.masterId === null || current === undefined ? null : { nodeId: this.masterId, epoch: current.epoch, since: current.since },
      masterlessMs: this.masterlessSince === null ? null : Date.now() - this.masterlessSince,
      database: this.database(), databaseState: this.databaseUp ? 'up' : 'down',
      filestore: { path: this.identity.filestore, state: 'ok', totalBytes: 4e12, freeBytes: 2.2e12, storedBytes: 41.3e9, blobCount: 12_840, unreferencedBytes: 4.1e8, nextCollectionAt: new Date(Date.now() + 7_200_000).toISOString() },
      collectionLocked: null, lastHeard: null,
    };
  }
}
