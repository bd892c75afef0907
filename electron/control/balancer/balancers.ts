import { randomUUID } from 'node:crypto';
import { isIP } from 'node:net';
import { z } from 'zod';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import {
  balancerBackend, balancerOptions, type Balancer, type BalancerBackend, type BalancerOptions, type BalancerPreview, type BalancerProduct,
  type BalancerRendering, type BalancerStatus, type LanCluster, type Planned, type PlannedBalancer, type RunSummary, type UninformedNodes,
} from '../../contract/index.ts';
import { settingsBehind, type HostAccess, type Hosts, type LanClusters } from '../fleet/index.ts';
import { asRoot, planOf, type RemoteHost, type RunWork } from '../provision/index.ts';
import { deleteBalancerRow, listBalancerRows, noteBalancerApplied, putBalancerRow, type BalancerRow, type State } from '../state/index.ts';
import { productVersion, readOurs, serviceActive } from './commands.ts';
import { exportFiles } from './export.ts';
import { limitsOf } from './limits.ts';
import { planNewBalancer } from './plan-new.ts';
import { versionIn } from './preflight.ts';
import { render } from './render.ts';
import { judged, rendering } from './rendering.ts';
import { readStamp } from './stamp.ts';
import { balancerSteps, modelOfTarget, sha256Of, shownSteps, subjectOf, wantedSha256 } from './steps.ts';
import { balancerTarget, type BalancerTarget } from './target.ts';
import { unifiedDiff } from './text-diff.ts';
import { uninformedNodes, type ClientSettings } from './uninformed.ts';
import { urlFor } from './url.ts';

/** What was applied last, as it is kept with the balancer. */
const applied = z.object({ sha256: z.string(), backends: z.array(balancerBackend) });

export interface Asked {
  readonly signal: AbortSignal;
  readonly caller: string;
}

/** What the nodes of a cluster are to a balancer, where that is more than "serving". */
export interface Leaving {
  /** get no new request, and finish what they have */
  readonly draining?: readonly string[];
  /** are left out */
  readonly without?: readonly string[];
}

export interface BalancersParts {
  readonly state: State;
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly connect: (access: HostAccess) => RemoteHost;
  /** begins a run of kind "balancer" and resolves when it has ended */
  readonly start: (target: BalancerTarget, hostName: string, asked: Asked) => Promise<RunSummary>;
  /** what the nodes of a cluster say of their configuration, by their ids; without those that say nothing */
  readonly heard: (clusterId: string) => Promise<ReadonlyMap<string, ClientSettings>>;
  /** addresses of a host that goes by a name */
  readonly resolve: (name: string) => Promise<readonly string[]>;
}

/** nginx, HAProxy and Apache httpd in front of clusters on hosts, kept in step with their nodes. */
export class Balancers {
  readonly #parts: BalancersParts;
  /** the run under way for each cluster: two at once would meet at the lock of the host */
  readonly #queues = new Map<string, Promise<unknown>>();
  /** runs that have not begun yet: they will see what is so when they do */
  readonly #waiting = new Map<string, Promise<RunSummary>>();

  constructor(parts: BalancersParts) {
    this.#parts = parts;
  }

  list(clusterId?: string): Balancer[] {
    const wanted = clusterId === undefined ? undefined : this.#parts.clusters.get(clusterId).clusterId;
    return this.#rows().filter((row) => wanted === undefined || row.clusterId === wanted).map((row) => this.#shown(row));
  }

  /** Nodes that have to be provisioned again before the cluster's public address and trusted proxies are theirs, whether it has a balancer or not. */
  async uninformed(clusterId: string): Promise<UninformedNodes> {
    const { state, clusters, hosts, heard } = this.#parts;
    const { clusterId: id } = clusters.get(clusterId);
    const words = await heard(id);
    const cluster = clusters.get(id);
    return { baseUrl: cluster.settings.baseUrl ?? null, nodes: uninformedNodes(state, cluster, words, (host) => hosts.get(host).name) };
  }

  /** Ids of the hosts that carry a balancer of the cluster. */
  hostsOf(clusterId: string): string[] {
    return this.#rows().filter((row) => row.clusterId === clusterId).map(({ hostId }) => hostId);
  }

  render(clusterId: string, product: BalancerProduct, options: BalancerOptions): BalancerRendering {
    const cluster = this.#parts.clusters.get(clusterId);
    return rendering(cluster, product, options, backendsOf(cluster, {}));
  }

  export(clusterId: string, product: BalancerProduct, options: BalancerOptions): { name: string; content: string }[] {
    return exportFiles(this.render(clusterId, product, options));
  }

  /** Throws HOST_NOT_FOUND, CLUSTER_NOT_FOUND, CONFIG_INVALID. */
  async assign(clusterId: string, hostId: string, product: BalancerProduct, options: BalancerOptions): Promise<Balancer> {
    const { state, hosts, clusters } = this.#parts;
    const cluster = clusters.get(clusterId);
    const host = hosts.get(hostId);
    rendering(cluster, product, options, backendsOf(cluster, {}));
    const known = this.#takesPlace(cluster, host, product);
    const id = known?.id ?? randomUUID();
    putBalancerRow(state, { id, clusterId: cluster.clusterId, hostId: host.hostId, product, options: JSON.stringify(options) });
    clusters.joinBalancer(cluster.clusterId, await this.#addressesOf(host.address), urlFor(host.address, options), known === undefined ? null : urlFor(host.address, optionsOf(known)));
    return this.#shown(this.#row(id));
  }

  /** What the host is for the cluster already. Throws HOST_IN_USE where that would stay beside the other product. */
  #takesPlace(cluster: LanCluster, host: { readonly hostId: string; readonly name: string }, product: BalancerProduct): BalancerRow | undefined {
    const known = this.#on(cluster, host);
    if (known === undefined || known.product === product || known.appliedAt === null) return known;
    throw new BulkheadError('HOST_IN_USE', `"${host.name}" is a balancer of this cluster with ${known.product}`, { hint: 'Remove it first: its configuration is still on the host.' });
  }

  /** The cluster as it will be with this balancer in front. Writes nothing. Throws HOST_NOT_FOUND. */
  async behind(cluster: LanCluster, { hostId, options }: PlannedBalancer): Promise<LanCluster> {
    const host = this.#parts.hosts.get(hostId);
    const known = this.#on(cluster, host);
    return { ...cluster, settings: settingsBehind(cluster, await this.#addressesOf(host.address), urlFor(host.address, options), known === undefined ? null : urlFor(host.address, optionsOf(known))) };
  }

  async preview(id: string, signal: AbortSignal): Promise<BalancerPreview> {
    const row = this.#row(id);
    const cluster = this.#parts.clusters.get(row.clusterId);
    const shown = rendering(cluster, row.product, optionsOf(row), backendsOf(cluster, {}));
    const { place } = modelOfTarget(this.#target(row, 'apply', {}));
    const { name } = this.#parts.hosts.get(row.hostId);
    return this.#onHost(row, async (host) => {
      const version = await host.run(productVersion(place), signal);
      const { stdout } = await host.run(readOurs(place), signal);
      const diffs = shown.files.map(({ path, content }) => ({
        path, before: stdout === '' ? null : stdout, after: content, changed: stdout !== content, unified: unifiedDiff(path, stdout, content),
      }));
      return { ...shown, balancerId: row.id, host: name, at: Date.now(), version: version.exitCode === 0 ? versionIn(version.stdout) : null, diffs, changed: diffs.some(({ changed }) => changed) };
    });
  }

  /** What making a host the balancer of a cluster would do. Asks no host, writes nothing. Throws what `assign` does. */
  async planFor(clusterId: string, planned: PlannedBalancer): Promise<Planned> {
    const { clusters, hosts } = this.#parts;
    const [cluster, host] = [clusters.get(clusterId), hosts.get(planned.hostId)];
    this.#takesPlace(cluster, host, planned.product);
    return planNewBalancer(await this.behind(cluster, planned), host, planned);
  }

  plan(id: string): Planned {
    const row = this.#row(id);
    const { name } = this.#parts.hosts.get(row.hostId);
    return planOf(name, name, shownSteps(this.#target(row, 'apply', {})));
  }

  apply(id: string, asked: Asked): Promise<RunSummary> {
    return this.#run(this.#row(id), 'apply', {}, asked);
  }

  undo(id: string, asked: Asked): Promise<RunSummary> {
    return this.#run(this.#row(id), 'undo', {}, asked);
  }

  /** Takes our part off the host, and forgets the balancer, its address and the trust in it. `hostGone`: only the latter. Nodes learn of it when they are provisioned again. */
  async remove(id: string, hostGone: boolean, asked: Asked): Promise<RunSummary | null> {
    const row = this.#row(id);
    // also when none was ever done to its end: half of one may be there
    const run = hostGone ? null : await this.#run(row, 'remove', {}, asked);
    if (run === null || run.state === 'done') {
      deleteBalancerRow(this.#parts.state, row.id);
      await this.#leave(row);
    }
    return run;
  }

  /**
   * Brings every balancer of a cluster in step with its nodes; never throws for one that fails, its run says so. Runs on one host
   * follow one another, and calls that come while one waits share it. A run that finds everything as it should be changes nothing.
   */
  async follow(clusterId: string, leaving: Leaving, asked: Asked): Promise<RunSummary[]> {
    const { clusterId: id } = this.#parts.clusters.get(clusterId);
    const plain = (leaving.draining ?? []).length + (leaving.without ?? []).length === 0;
    return Promise.all(this.#rows().filter((row) => row.clusterId === id).map((row) => {
      const waiting = plain ? this.#waiting.get(row.id) : undefined;
      if (waiting !== undefined) return waiting;
      const run = this.#run(row, 'apply', leaving, asked);
      if (plain) this.#waiting.set(row.id, run);
      return run;
    }));
  }

  async status(id: string, signal: AbortSignal): Promise<BalancerStatus> {
    const row = this.#row(id);
    const { name } = this.#parts.hosts.get(row.hostId);
    const target = this.#target(row, 'apply', {});
    const { model, place } = modelOfTarget(target);
    const wanted = new Map(target.backends.map((each) => [each.nodeId, each]));
    const base = { balancerId: row.id, clusterId: row.clusterId, host: name, product: row.product, at: Date.now(), appliedAt: row.appliedAt };
    const listed = (onHost: readonly BalancerBackend[]): BalancerStatus['backends'] => [...new Map([...wanted, ...onHost.map((each) => [each.nodeId, each] as const)]).values()]
      .map(({ nodeId, url }) => ({ nodeId, url, onHost: onHost.find((each) => each.nodeId === nodeId)?.state ?? null, wanted: wanted.get(nodeId)?.state ?? null }))
      .sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
    try {
      return await this.#onHost(row, async (host) => {
        const { stdout: content } = await host.run(readOurs(place), signal);
        const version = await host.run(productVersion(place), signal);
        const running = (await host.run(serviceActive(place), signal)).exitCode === 0;
        const canUndo = (await host.run(asRoot('test', '-s', `${place.keep}/previous`), signal)).exitCode === 0;
        const found = readStamp(content);
        const [state, reason] = judged(content, render(model), found);
        return { ...base, state, reason, version: version.exitCode === 0 ? versionIn(version.stdout) : null, running, backends: listed(found?.stamp.backends ?? []), canUndo };
      });
    } catch (error) {
      if (signal.aborted) throw error;
      const reason = error instanceof Error ? error.message : String(error);
      return { ...base, state: 'unreachable', reason, version: null, running: null, backends: listed([]), canUndo: false };
    }
  }

  /** What a run of kind "balancer" does; for whoever carries runs out. */
  workOf(stored: string, runId: string): RunWork {
    const target = balancerTarget.parse(JSON.parse(stored));
    return {
      steps: balancerSteps(target, runId),
      secrets: [],
      canRollBack: target.action !== 'remove',
      subject: subjectOf(target),
      settle: (direction) => {
        const { model } = modelOfTarget(target);
        const now = direction === 'forward' && target.action === 'apply' ? JSON.stringify({ sha256: sha256Of(render(model)), backends: target.backends }) : null;
        // after an undo or a rollback another text is there than the one that would be rendered now
        if (target.action !== 'remove') noteBalancerApplied(this.#parts.state, target.balancerId, Date.now(), now);
        return Promise.resolve();
      },
    };
  }

  async #leave(row: BalancerRow): Promise<void> {
    const { hosts, clusters } = this.#parts;
    const host = hosts.get(row.hostId);
    const others = this.#rows().filter(({ clusterId }) => clusterId === row.clusterId).map((each) => ({ ...each, address: hosts.get(each.hostId).address }));
    const stay = new Set((await Promise.all(others.map(({ address }) => this.#addressesOf(address)))).flat());
    const gone = (await this.#addressesOf(host.address)).filter((each) => !stay.has(each));
    clusters.leaveBalancer(row.clusterId, gone, urlFor(host.address, optionsOf(row)), others.map((each) => urlFor(each.address, optionsOf(each)))[0] ?? null);
  }

  /** Of a host whose name means nothing any more: none. */
  async #addressesOf(host: string): Promise<readonly string[]> {
    return isIP(host) === 0 ? this.#parts.resolve(host).catch(() => []) : [host];
  }

  #run(row: BalancerRow, action: BalancerTarget['action'], leaving: Leaving, asked: Asked): Promise<RunSummary> {
    const { name } = this.#parts.hosts.get(row.hostId);
    // what it is to be is looked up when its turn has come
    const next = (this.#queues.get(row.id) ?? Promise.resolve()).catch(() => undefined).then(() => {
      this.#waiting.delete(row.id);
      return this.#parts.start(this.#target(row, action, leaving), name, asked);
    });
    this.#queues.set(row.id, next);
    return next;
  }

  #target(row: BalancerRow, action: BalancerTarget['action'], leaving: Leaving): BalancerTarget {
    const cluster = this.#parts.clusters.get(row.clusterId);
    return {
      action, balancerId: row.id, clusterId: cluster.clusterId, clusterName: cluster.settings.name, hostId: row.hostId, product: row.product,
      options: optionsOf(row), backends: backendsOf(cluster, leaving), trustedProxies: cluster.settings.trustedProxies, leaving: [...leaving.without ?? []],
    };
  }

  async #onHost<T>(row: BalancerRow, work: (host: RemoteHost) => Promise<T>): Promise<T> {
    const host = this.#parts.connect(await this.#parts.hosts.access(row.hostId));
    try {
      return await work(host);
    } finally {
      await host.close();
    }
  }

  #rows(): BalancerRow[] {
    const { state, hosts, clusters } = this.#parts;
    const known = { hosts: new Set(hosts.list().map(({ hostId }) => hostId)), clusters: new Set(clusters.list().map(({ clusterId }) => clusterId)) };
    return listBalancerRows(state).filter(({ hostId, clusterId }) => known.hosts.has(hostId) && known.clusters.has(clusterId));
  }

  #on({ clusterId }: Pick<LanCluster, 'clusterId'>, { hostId }: { readonly hostId: string }): BalancerRow | undefined {
    return this.#rows().find((row) => row.clusterId === clusterId && row.hostId === hostId);
  }

  #row(id: string): BalancerRow {
    const rows = this.#rows();
    const found = rows.find((row) => row.id === id) ?? rows.find((row) => this.#parts.hosts.list().some(({ hostId, name }) => hostId === row.hostId && name === id));
    if (found === undefined) throw new BulkheadError('BALANCER_NOT_FOUND', `There is no balancer "${id}"`);
    return found;
  }

  #shown(row: BalancerRow): Balancer {
    const host = this.#parts.hosts.get(row.hostId);
    const options = optionsOf(row);
    const last = row.applied === null ? null : applied.parse(JSON.parse(row.applied));
    return {
      balancerId: row.id, clusterId: row.clusterId, hostId: row.hostId, host: host.name, product: row.product, options, url: urlFor(host.address, options),
      appliedAt: row.appliedAt, appliedBackends: last?.backends ?? [], outdated: last?.sha256 !== wantedSha256(this.#target(row, 'apply', {})),
      limits: limitsOf(row.product, options),
    };
  }
}

function backendsOf({ nodes }: LanCluster, { draining = [], without = [] }: Leaving): BalancerBackend[] {
  return nodes.filter(({ nodeId }) => !without.includes(nodeId)).map(({ nodeId, url }) => ({ nodeId, url, state: draining.includes(nodeId) ? 'draining' : 'serving' }));
}

function optionsOf(row: BalancerRow): BalancerOptions {
  return balancerOptions.parse(JSON.parse(row.options));
}
