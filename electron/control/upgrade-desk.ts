import { asBulkheadError, BulkheadError } from '../../server-bundle/contract/index.ts';
import type { CallContext, Handlers, LanCluster, Maintenance, ParsedArgsOf, UpgradeRun } from '../contract/index.ts';
import type { HostAccess, HostConnections, Hosts, LanClusters } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import { SshHost, type Payloads, type RemoteHost } from './provision/index.ts';
import { maintenanceOf, startMaintenance, Upgrades } from './upgrade/index.ts';

export type UpgradeOperation = Extract<keyof Handlers, `upgrade.${string}` | `maintenance.${string}` | 'nodes.restart' | 'nodes.forget'>;

export interface UpgradeDeskParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly payloads: Payloads;
  readonly connections: HostConnections;
  readonly journal: Journal;
  readonly version: string;
  /** alerts and balancers, which follow what is done to nodes */
  readonly alerts: Pick<Handlers, 'alerts.mute' | 'alerts.mutes' | 'alerts.unmute'>;
  readonly balancers: Pick<Handlers, 'balancers.follow'>;
}

/** How mutes of a maintenance are told from others. */
const muteReason = 'maintenance';

/** Other versions, restarts, maintenance, forgotten hosts. */
export class UpgradeDesk {
  readonly handlers: Pick<Handlers, UpgradeOperation>;
  readonly #parts: UpgradeDeskParts;
  readonly #upgrades: Upgrades;

  constructor(parts: UpgradeDeskParts) {
    this.#parts = parts;
    const { hosts, clusters, payloads, version } = parts;
    const upgrades = new Upgrades({ hosts, clusters, payloads, version, connect: (access) => this.#connect(access), onEnd: (run) => { this.#ended(run); } });
    this.#upgrades = upgrades;
    this.handlers = {
      'upgrade.plan': (wish, { signal }) => upgrades.plan(wish, signal),
      'upgrade.commands': (wish, { signal }) => upgrades.commands(wish, signal),
      'upgrade.start': async (wish, context) => this.#begun(await upgrades.start(wish, context.signal), 'started', context),
      'upgrade.pause': ({ clusterId, runId }, { signal }) => upgrades.pause(clusterId, runId, signal),
      'upgrade.resume': async ({ clusterId, runId }, context) => this.#begun(await upgrades.resume(clusterId, runId, context.signal), 'resumed', context),
      'upgrade.rollback': async ({ clusterId, runId }, context) => this.#begun(await upgrades.rollback(clusterId, runId, context.signal), 'rolled back', context),
      'upgrade.list': ({ clusterId }, { signal }) => upgrades.list(clusterId, signal),
      'upgrade.show': ({ clusterId, runId }, { signal }) => upgrades.show(clusterId, runId, signal),
      'upgrade.watch': ({ clusterId }, { signal }) => upgrades.watch(clusterId, signal),
      'nodes.restart': async ({ clusterId, nodeId, acceptWarnings }, context) => this.#begun(await upgrades.restart(clusterId, nodeId, acceptWarnings, context.signal), 'started', context),
      'nodes.forget': async ({ clusterId, nodeId }, context) => { await this.#forget(clusterId, nodeId, context); return {}; },
      'maintenance.start': (asked, context) => this.#startMaintenance(asked, context),
      'maintenance.end': async ({ clusterId, nodeId }, context) => { await this.#endMaintenance(clusterId, nodeId, context); return {}; },
      'maintenance.list': ({ clusterId }, context) => this.#listMaintenance(clusterId, context),
    };
  }

  close(): Promise<void> {
    return this.#upgrades.close();
  }

  #connect(access: HostAccess): RemoteHost {
    return new SshHost((signal) => this.#parts.connections.open(access, signal));
  }

  #note(clusterId: string, type: string, nodeId: string | null, message: string, detail: Record<string, unknown>, severity: 'info' | 'warning' = 'info'): void {
    this.#parts.journal.write({ clusterId, source: 'operator', severity, type, nodeId, message, detail });
  }

  #begun(run: UpgradeRun, how: string, { caller }: CallContext): UpgradeRun {
    this.#note(run.clusterId, `cluster.${run.kind}`, null, `${run.kind === 'upgrade' ? `The upgrade to ${run.to}` : `The restart of ${run.nodes[0]?.nodeId ?? ''}`} was ${how}`, { runId: run.runId, by: caller });
    return run;
  }

  #ended({ clusterId, kind, to, state, runId, failure }: UpgradeRun): void {
    this.#note(clusterId, `cluster.${kind}`, null, `The ${kind} to ${to}: ${state}${failure === null ? '' : ` (${failure.message})`}`, { runId }, state === 'failed' ? 'warning' : 'info');
  }

  async #forget(clusterId: string, nodeId: string, context: CallContext): Promise<void> {
    const { clusters } = this.#parts;
    const cluster = clusters.get(clusterId);
    if (!cluster.nodes.some((each) => each.nodeId !== nodeId)) throw new BulkheadError('CAPACITY_TOO_SMALL', 'It is the only node: there is no other host through which the cluster could be told');
    await this.#upgrades.withDoor(cluster.clusterId, async (door) => { await door.forget(nodeId, this.#upgrades.who, context.signal); }, nodeId);
    clusters.removeNode(cluster.clusterId, nodeId);
    this.#note(cluster.clusterId, 'node.forget', nodeId, `${nodeId} was forgotten: it may not come back by itself`, { by: context.caller });
    await this.#followBalancers(cluster.clusterId, context);
  }

  /** What was done stays done when a balancer cannot be told: it leaves the node out by its own checks. */
  async #followBalancers(clusterId: string, context: CallContext): Promise<void> {
    try {
      await this.#parts.balancers['balancers.follow']({ clusterId }, context);
    } catch (error) {
      const { code, message } = asBulkheadError(error);
      if (code !== 'NOT_SUPPORTED') this.#note(clusterId, 'balancer.follow', null, `A balancer could not be brought in step: ${message}`, { code }, 'warning');
    }
  }

  async #startMaintenance({ clusterId, nodeId, until, note }: ParsedArgsOf<'maintenance.start'>, context: CallContext): Promise<Maintenance> {
    const { who } = this.#upgrades;
    return this.#upgrades.withDoor(clusterId, async (door, cluster) => {
      const { node, seconds } = await startMaintenance(door, cluster, { nodeId, until, note, by: who }, context.signal);
      const muted = await this.#mute(cluster.clusterId, nodeId, seconds, note, context);
      this.#note(cluster.clusterId, 'maintenance.start', nodeId, `${nodeId} is in maintenance until ${new Date(until).toISOString()}`, { by: context.caller, note });
      const shown = maintenanceOf(cluster, node, (hostId) => this.#hostName(hostId));
      if (shown === null) throw new BulkheadError('NOT_SERVING', `${nodeId} did not begin its maintenance`);
      return { ...shown, ...muted };
    });
  }

  async #mute(clusterId: string, nodeId: string, seconds: number, note: string, context: CallContext): Promise<Pick<Maintenance, 'mutedUntil' | 'mutedNote'>> {
    try {
      const mute = await this.#parts.alerts['alerts.mute']({ clusterId, rule: null, subject: nodeId, seconds, reason: `${muteReason}: ${note}`.slice(0, 500) }, context);
      return { mutedUntil: Date.parse(mute.until), mutedNote: null };
    } catch (error) {
      return { mutedUntil: null, mutedNote: asBulkheadError(error).message };
    }
  }

  async #endMaintenance(clusterId: string, nodeId: string, context: CallContext): Promise<void> {
    await this.#upgrades.withDoor(clusterId, async (door, cluster) => {
      await door.undrain(nodeId, 60, context.signal);
      this.#note(cluster.clusterId, 'maintenance.end', nodeId, `The maintenance of ${nodeId} has ended`, { by: context.caller });
      for (const mute of await this.#mutesOf(cluster.clusterId, context)) {
        if (mute.subject === nodeId) await Promise.resolve(this.#parts.alerts['alerts.unmute']({ clusterId: cluster.clusterId, muteId: mute.id }, context)).catch(() => undefined);
      }
    });
  }

  async #mutesOf(clusterId: string, context: CallContext): Promise<{ id: string; subject: string | null; until: string }[]> {
    try {
      return (await this.#parts.alerts['alerts.mutes']({ clusterId }, context)).filter(({ reason }) => reason.startsWith(muteReason));
    } catch {
      return [];
    }
  }

  async #listMaintenance(clusterId: string | undefined, context: CallContext): Promise<Maintenance[]> {
    const { clusters } = this.#parts;
    const all = clusterId === undefined ? clusters.list() : [clusters.get(clusterId)];
    const lists = await Promise.all(all.filter(({ nodes }) => nodes.length > 0).map((cluster) => this.#maintenanceIn(cluster, context).catch((error: unknown) => {
      // one cluster that does not answer must not hide the others
      if (clusterId !== undefined) throw error;
      return [];
    })));
    return lists.flat();
  }

  async #maintenanceIn(cluster: LanCluster, context: CallContext): Promise<Maintenance[]> {
    const { view } = await this.#upgrades.withDoor(cluster.clusterId, (door) => door.status(context.signal));
    const found = view.nodes.flatMap((node) => maintenanceOf(cluster, node, (hostId) => this.#hostName(hostId)) ?? []);
    const mutes = found.length === 0 ? [] : await this.#mutesOf(cluster.clusterId, context);
    return found.map((each) => {
      const mute = mutes.find(({ subject }) => subject === each.nodeId);
      return { ...each, mutedUntil: mute === undefined ? null : Date.parse(mute.until), mutedNote: mute === undefined ? 'no alerts of this node are muted' : null };
    });
  }

  #hostName(hostId: string): string {
    return this.#parts.hosts.list().find((host) => host.hostId === hostId)?.name ?? hostId;
  }
}
