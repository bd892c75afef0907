import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { LanCluster, Planned, PlannedCluster, RunSummary } from '../../contract/index.ts';
import type { Hosts, LanClusters } from '../fleet/index.ts';
import { setRunTarget, type RunRow, type State } from '../state/index.ts';
import { AdminVaults } from './admin-vaults.ts';
import { isFolder } from './commands/files.ts';
import { stepsOf, type RunKind } from './node-steps.ts';
import { paths } from './paths.ts';
import type { Payloads } from './payloads.ts';
import { planOf } from './plan.ts';
import type { RemoteHost } from './remote-host.ts';
import { refuseUpgraded } from './run-guards.ts';
import type { Asked, RunWork, WorkOn } from './run-work.ts';
import type { Step } from './step.ts';
import { balancerStep } from './steps/balancer.ts';
import type { AdminVault } from './steps/first-admin.ts';
import { lookAround, type SurroundingsParts } from './surroundings.ts';
import { nodeTarget, type NodeSecrets, type NodeTarget } from './target.ts';
import { nodeUrl, requireNodeUrl, targetFor } from './targets.ts';

export interface NodeWorkParts extends SurroundingsParts {
  readonly state: State;
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly payloads: Payloads;
  /** brings the balancers of a cluster in step with its nodes */
  readonly follow: (clusterId: string, leaving: { readonly without?: readonly string[] }, asked: Asked) => Promise<RunSummary[]>;
}

/** What providing a host with a node, or taking the node away, consists of: what is to be there, its steps, and what the cluster consists of afterwards. */
export class NodeWork {
  readonly #parts: NodeWorkParts;
  readonly #admins: AdminVaults;

  constructor(parts: NodeWorkParts) {
    this.#parts = parts;
    this.#admins = new AdminVaults(parts.clusters);
  }

  /** What provisioning would do; asks no host. */
  async plan(cluster: LanCluster, hostIds: readonly string[]): Promise<Planned[]> {
    return Promise.all((await this.targets(cluster, hostIds)).map(async (target) => this.#planned('provision', target, await this.#secretsOf(target))));
  }

  /** The same for a cluster that is not written down yet. */
  async planNew({ cluster, hasDatabasePassword, hostIds }: PlannedCluster): Promise<Planned[]> {
    const secrets = { clusterKey: '', databasePassword: hasDatabasePassword ? '' : null };
    return (await this.targets({ clusterId: 'new', settings: cluster, nodes: [] }, hostIds)).map((target) => this.#planned('provision', target, secrets));
  }

  /** What a removal would do, step by step. Throws NODE_NOT_FOUND. */
  async planRemoval(clusterId: string, nodeId: string): Promise<Planned> {
    return this.#planned('remove', await this.targetOf(clusterId, nodeId), { clusterKey: '', databasePassword: null });
  }

  #planned(kind: RunKind, target: NodeTarget, secrets: NodeSecrets): Planned {
    const asked = { signal: new AbortController().signal, caller: 'plan' };
    const steps = this.#withBalancers(kind, target, stepsOf(kind, target, secrets, this.#vaultOf(target), 'RUN'), asked);
    return planOf(target.nodeId, this.#parts.hosts.get(target.hostId).name, steps);
  }

  /** What is to be on these hosts, each once. Throws HOST_NOT_FOUND, HOST_IN_USE for one that carries a node of another cluster, NODE_ID_IN_USE. */
  async targets(cluster: LanCluster, hostIds: readonly string[]): Promise<NodeTarget[]> {
    const { hosts, clusters, payloads } = this.#parts;
    const chosen = [...new Set(hostIds.map((id) => hosts.get(id).hostId))].map((id) => hosts.get(id));
    for (const host of chosen) {
      const node = clusters.nodeOn(host.hostId);
      if (node !== null && node.clusterId !== cluster.clusterId) throw new BulkheadError('HOST_IN_USE', `"${host.name}" carries ${node.nodeId} of another cluster`);
    }
    const release = await payloads.release();
    const baseUrl = cluster.settings.baseUrl ?? nodeUrl(chosen[0]?.address ?? '', cluster.settings.nodePort);
    return chosen.map((host) => requireNodeUrl(targetFor(cluster, host, release, baseUrl)));
  }

  /** A node that is there, on its host. Throws NODE_NOT_FOUND. */
  async targetOf(clusterId: string, nodeId: string): Promise<NodeTarget> {
    const { clusters, hosts, payloads } = this.#parts;
    const cluster = clusters.get(clusterId);
    const node = cluster.nodes.find((each) => each.nodeId === nodeId);
    if (node === undefined) throw new BulkheadError('NODE_NOT_FOUND', `The cluster has no node "${nodeId}"`);
    return targetFor(cluster, hosts.get(node.hostId), await payloads.release(), cluster.settings.baseUrl ?? node.url);
  }

  /** The steps of a run that is to begin. */
  async steps(kind: RunKind, target: NodeTarget, runId: string, asked: Asked): Promise<Step[]> {
    return this.#withBalancers(kind, target, stepsOf(kind, target, await this.#secretsOf(target), this.#vaultOf(target), runId), asked);
  }

  /** Secrets are known at once; what is to be done on a host may depend on the host. */
  async prepare({ kind, id: runId, target: stored }: RunRow & { kind: RunKind }, direction: 'forward' | 'back', asked: Asked): Promise<{ secrets: RunWork['secrets']; workOn: WorkOn }> {
    const asStored = nodeTarget.parse(JSON.parse(stored));
    const secrets = await this.#secretsOf(asStored);
    return {
      secrets: [secrets.clusterKey, secrets.databasePassword, await this.#vaultOf(asStored).read()],
      workOn: async (host) => {
        const { signal } = asked;
        if (kind === 'provision') await refuseUpgraded(this.#parts.state, runId, asStored, host, signal);
        const target = direction === 'forward' && kind === 'provision' ? await this.#forCpu(runId, asStored, host, signal) : asStored;
        const steps = stepsOf(kind, target, secrets, this.#vaultOf(target), runId, () => lookAround(this.#parts, target, host, signal));
        return {
          steps: this.#withBalancers(kind, target, steps, asked),
          settle: async (way) => {
            await this.#settle(kind, target, way, host, signal);
            // a node that was taken back must not be asked any more; its own run has done its part whatever comes of this
            if (way === 'back') await this.#parts.follow(target.clusterId, {}, asked).catch(() => undefined);
          },
        };
      },
    };
  }

  /** A node comes to the balancers when it is proven, and leaves them before it is drained. */
  #withBalancers(kind: RunKind, target: NodeTarget, steps: readonly Step[], asked: Asked): Step[] {
    const { clusters, follow } = this.#parts;
    const { clusterId, nodeId, hostId, url } = target;
    if (kind === 'remove') return [balancerStep('leave', (signal) => follow(clusterId, { without: [nodeId] }, { ...asked, signal })), ...steps];
    return [...steps, balancerStep('join', (signal) => {
      clusters.addNode(clusterId, { nodeId, hostId, url });
      return follow(clusterId, {}, { ...asked, signal });
    })];
  }

  /** The CPU of a host is known when somebody has been there: until then every plan is made for the usual one. */
  async #forCpu(runId: string, target: NodeTarget, host: RemoteHost, signal: AbortSignal): Promise<NodeTarget> {
    const { stdout } = await host.run({ argv: ['uname', '-m'], as: 'login' }, signal);
    const cpu = stdout.trim() === 'aarch64' ? 'arm64' : 'x64';
    if (target.release.cpu === cpu) return target;
    const fitting = { ...target, release: await this.#parts.payloads.release(cpu) };
    setRunTarget(this.#parts.state, runId, JSON.stringify(fitting));
    return fitting;
  }

  /** Writes down what the cluster consists of now. */
  async #settle(kind: RunKind, target: NodeTarget, direction: 'forward' | 'back', host: RemoteHost, signal: AbortSignal): Promise<void> {
    const { clusters } = this.#parts;
    const { clusterId, nodeId, hostId, url } = target;
    if (direction === 'forward' && kind === 'provision') clusters.addNode(clusterId, { nodeId, hostId, url });
    // a rollback to a former release leaves a node there
    const isThere = direction === 'back' && (await host.run(isFolder(paths.config), signal)).exitCode === 0;
    if (kind === 'remove' || (direction === 'back' && !isThere)) clusters.removeNode(clusterId, nodeId);
  }

  async #secretsOf({ clusterId }: NodeTarget): Promise<NodeSecrets> {
    const { clusters } = this.#parts;
    const clusterKey = await clusters.secret(clusterId, 'key');
    if (clusterKey === undefined) throw new BulkheadError('CLUSTER_NOT_FOUND', 'The key of this cluster is not here');
    return { clusterKey, databasePassword: await clusters.secret(clusterId, 'database') ?? null };
  }

  #vaultOf({ clusterId }: NodeTarget): AdminVault {
    return this.#admins.of(clusterId);
  }
}
