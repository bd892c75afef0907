import { lookup } from 'node:dns/promises';
import { BulkheadError } from '../../server-bundle/contract/index.ts';
import { balancerOptions, balancerProduct, type CallContext, type DatabaseFacts, type DatabaseTrial, type Handlers, type HostReport, type LanCluster, type Planned, type PlannedBalancer, type RunSummary } from '../contract/index.ts';
import { BalancerDesk } from './balancer-desk.ts';
import { Balancers, limitsOf, planNewBalancer, type BalancersParts } from './balancer/index.ts';
import type { HostAccess, HostConnections, Hosts, LanClusters } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import { checks, runChecks, type CheckResult } from './preflight/index.ts';
import { alone, checkContext, lookAround, nodeRunsLeft, nodeUrl, requireNodeUrl, Runs, SshHost, targetFor, type CommandResult, type Payloads, type RemoteCommand, type RemoteHost } from './provision/index.ts';
import { refuseWhileRotating, RotationBook } from './rotation/index.ts';
import type { State } from './state/index.ts';
import type { SupervisionOperation } from './supervision-desk.ts';
import type { UpgradeOperation } from './upgrade-desk.ts';

export interface LanDeskParts {
  readonly state: State;
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly payloads: Payloads;
  readonly connections: HostConnections;
  readonly journal: Journal;
  readonly heard: BalancersParts['heard'];
  readonly tryDatabase: (trial: DatabaseTrial, signal: AbortSignal) => Promise<DatabaseFacts>;
}

type LanOperation = Exclude<Extract<keyof Handlers, 'hosts.check' | `nodes.${string}` | `runs.${string}` | `newCluster.${string}` | 'clusters.lan' | 'clusters.create' | 'clusters.forget' | 'clusters.password'>, UpgradeOperation | SupervisionOperation>;

/** Hosts, the clusters on them, and the runs that make and remove nodes. */
export class LanDesk {
  readonly handlers: Pick<Handlers, LanOperation>;
  readonly balancers: BalancerDesk;
  readonly #parts: LanDeskParts;
  readonly #balancers: Balancers;
  readonly #closing = new AbortController();
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(parts: LanDeskParts) {
    this.#parts = parts;
    const { state, hosts, clusters, payloads } = parts;
    const connect = (access: HostAccess): RemoteHost => this.#connect(access);
    const balancers: Balancers = new Balancers({
      state, hosts, clusters, connect, heard: parts.heard,
      start: (target, name, asked) => runs.other({ kind: 'balancer', clusterId: target.clusterId, hostId: target.hostId, name, target: JSON.stringify(target) }, asked),
      resolve: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
    });
    const runs: Runs = new Runs({
      state, hosts, clusters, payloads, connect, tryDatabase: parts.tryDatabase,
      balancersOf: (clusterId) => balancers.hostsOf(clusterId), otherWork: (target, runId) => balancers.workOf(target, runId),
      follow: (clusterId, leaving, asked) => balancers.follow(clusterId, leaving, asked),
      refuseWhileRotating: (clusterId) => refuseWhileRotating(clusters, new RotationBook(state), clusters.get(clusterId)), onEnd: (run, caller) => this.#note(run, caller),
    });
    const untilEnd = <T>(context: CallContext, work: (asked: { signal: AbortSignal; caller: string }) => Promise<T>): Promise<T> =>
      this.#finishing(work({ caller: context.caller, signal: AbortSignal.any([context.signal, this.#closing.signal]) }));
    this.#balancers = balancers;
    this.balancers = new BalancerDesk(balancers, untilEnd);
    this.handlers = {
      'hosts.check': ({ hostId, clusterId }, { signal }) => this.#check(hostId, clusterId === undefined ? null : clusters.get(clusterId), signal),
      'newCluster.plan': async (planned) => {
        // whoever looks at the plan is about to carry it out
        payloads.prepare();
        const cluster = await this.#behind({ clusterId: 'new', settings: planned.cluster, nodes: [] }, planned.balancer);
        return this.#withBalancer(cluster, await runs.nodes.planNew({ ...planned, cluster: cluster.settings }), planned.balancer);
      },
      'newCluster.database': (trial, { signal }) => parts.tryDatabase(trial, signal),
      'newCluster.balancers': async () => balancerProduct.options.map((product) => ({ product, limits: limitsOf(product, balancerOptions.parse({})) })),
      'newCluster.check': ({ cluster, hostId, hostIds, databasePassword }, { signal }) => this.#check(hostId, { clusterId: 'new', settings: cluster, nodes: [] }, signal, { joining: hostIds, password: databasePassword }),

      'clusters.lan': async () => clusters.list(),
      'clusters.create': (cluster) => clusters.create(cluster),
      'clusters.forget': async ({ clusterId }) => { this.#forget(clusterId); return {}; },
      'clusters.password': async ({ clusterId, password }) => { await clusters.setSecret(clusters.get(clusterId).clusterId, 'admin', password); return {}; },

      'nodes.removalPlan': ({ clusterId, nodeId }) => runs.nodes.planRemoval(clusterId, nodeId),
      'nodes.plan': async ({ clusterId, hostIds, balancer }) => {
        const cluster = await this.#behind(clusters.get(clusterId), balancer);
        return this.#withBalancer(cluster, await runs.nodes.plan(cluster, hostIds), balancer);
      },
      'nodes.provision': ({ clusterId, hostIds, acceptWarnings }, context) => untilEnd(context, (asked) => runs.provision(clusterId, hostIds, acceptWarnings, asked)),
      'nodes.remove': ({ clusterId, nodeId }, context) => untilEnd(context, (asked) => runs.remove(clusterId, nodeId, asked)),

      'runs.list': async ({ limit }) => runs.list(limit),
      'runs.show': async ({ runId }) => runs.show(runId),
      'runs.resume': ({ runId, acceptWarnings }, context) => untilEnd(context, (asked) => runs.resume(runId, acceptWarnings, asked)),
      'runs.rollback': ({ runId }, context) => untilEnd(context, (asked) => runs.rollback(runId, asked)),
      'runs.cancel': async ({ runId }) => { runs.cancel(runId); return {}; },
      'runs.watch': (_, { signal }) => runs.watch(signal),
    };
  }

  #forget(idOrName: string): void {
    const { clusters, hosts, state } = this.#parts;
    const { clusterId } = clusters.get(idOrName);
    if (this.#balancers.hostsOf(clusterId).length > 0) throw new BulkheadError('HOST_IN_USE', 'The cluster still has balancers', { hint: 'Remove them first: "bulkhead balancer list".' });
    // of a host that is not known any more nothing can be taken back
    const known = new Set(hosts.list().map(({ hostId }) => hostId));
    const [left] = nodeRunsLeft(state, clusterId).filter(({ hostId }) => known.has(hostId));
    if (left !== undefined) {
      const id = left.runId.slice(0, 8);
      throw new BulkheadError('HOST_IN_USE', left.state === 'running' || left.state === 'rolling-back' ? `${left.nodeId} is being made for it` : `A part of ${left.nodeId} is on its host`, {
        hint: `Take it back first:  bulkhead run rollback ${id}   Where its host is gone for good:  bulkhead host remove ${left.nodeId}`, details: { runId: left.runId },
      });
    }
    clusters.forget(clusterId);
  }

  /** Names of the clusters that a host balances for. */
  balancedOn(hostId: string): string[] {
    const { clusters } = this.#parts;
    return clusters.list().filter(({ clusterId }) => this.#balancers.hostsOf(clusterId).includes(hostId)).map(({ settings }) => settings.name);
  }

  /** Nodes are told of the balancer that they are made with: their configuration is planned as it will be. */
  async #behind(cluster: LanCluster, balancer: PlannedBalancer | undefined): Promise<LanCluster> {
    return balancer === undefined ? cluster : this.#balancers.behind(cluster, balancer);
  }

  /** @param plans of the nodes that join those that are there */
  #withBalancer(cluster: LanCluster, plans: readonly Planned[], balancer: PlannedBalancer | undefined): Planned[] {
    if (balancer === undefined) return [...plans];
    const { hosts } = this.#parts;
    const joining = plans.map(({ nodeId, host }) => ({ nodeId, hostId: hosts.get(host).hostId, url: nodeUrl(hosts.get(host).address, cluster.settings.nodePort) }));
    const stay = cluster.nodes.filter(({ nodeId }) => joining.every((each) => each.nodeId !== nodeId));
    return [...plans, planNewBalancer({ ...cluster, nodes: [...stay, ...joining] }, hosts.get(balancer.hostId), balancer)];
  }

  /** Cancels runs under way, and waits until they have let go of their hosts. */
  async close(): Promise<void> {
    this.#closing.abort();
    await Promise.allSettled(this.#underWay);
  }

  #finishing<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    work.catch(() => undefined).finally(() => this.#underWay.delete(work));
    return work;
  }

  #connect(access: HostAccess): RemoteHost {
    return new SshHost((signal) => this.#parts.connections.open(access, signal));
  }

  async #check(idOrName: string, cluster: LanCluster | null, signal: AbortSignal, unwritten: { joining: readonly string[]; password: string | undefined } = { joining: [], password: undefined }): Promise<HostReport> {
    const { hosts, payloads } = this.#parts;
    const access = await hosts.access(idOrName);
    const joining = unwritten.joining.map((each) => hosts.get(each).hostId);
    const target = cluster === null ? null : { ...targetFor(cluster, { ...access, address: access.target.address }, await payloads.release(), ''), joining };
    if (target !== null) requireNodeUrl(target);
    const host = this.#connect(access);
    try {
      // no report at all is better than one in which everything has failed for the same reason
      await host.run({ argv: ['true'], as: 'root' }, signal);
      const asked = { run: (command: RemoteCommand): Promise<CommandResult> => host.run(command, signal), runToEnd: (command: RemoteCommand): Promise<CommandResult> => host.run(command, new AbortController().signal) };
      if (target === null) return report(access, await runChecks(checks, checkContext(null, asked, alone), signal));
      const around = await lookAround({ ...this.#parts, connect: (each) => this.#connect(each), balancersOf: (id) => this.#balancers.hostsOf(id) }, target, host, signal, unwritten.password);
      try {
        return report(access, await runChecks(checks, checkContext(target, asked, around), signal));
      } finally {
        await around.close();
      }
    } finally {
      await host.close();
    }
  }

  #note(run: RunSummary, caller: string): void {
    const { runId, kind, clusterId, nodeId, state, failure } = run;
    const what = { provision: 'Provisioning', remove: 'Removal', balancer: 'Change of the balancer' }[kind];
    this.#parts.journal.write({
      clusterId, source: 'operator', severity: state === 'done' || state === 'rolled-back' ? 'info' : 'warning', type: kind === 'balancer' ? 'balancer.apply' : `node.${kind}`, nodeId: kind === 'balancer' ? null : nodeId,
      message: `${what} ${kind === 'balancer' ? 'on' : 'of'} ${nodeId}: ${state}${failure === null ? '' : ` (${failure.message})`}`, detail: { runId, by: caller, changed: run.changed },
    });
  }
}

function report({ hostId, name }: HostAccess, results: readonly CheckResult[]): HostReport {
  return { hostId, name, at: Date.now(), checks: results.map((each) => ({ ...each, fixes: [...each.fixes] })) };
}
