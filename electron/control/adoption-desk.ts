import { asBulkheadError } from '../../server-bundle/contract/index.ts';
import type { Adoption, CallContext, FoundCluster, Handlers, HostSummary, ParsedArgsOf, RotatedSecret } from '../contract/index.ts';
import { freeHostName, hostOfNode, shownKey, type HostAccess, type HostConnections, type Hosts, type LanClusters, type NodeOfCluster } from './fleet/index.ts';
import type { Journal } from './journal/index.ts';
import type { RemoteHost } from './provision/index.ts';
import { HostSet, lockOwner, readCluster, readRow, resetAdmin, shownRun, type ReadCluster } from './upgrade/index.ts';

export interface AdoptionDeskParts {
  readonly hosts: Hosts;
  readonly clusters: LanClusters;
  readonly connections: HostConnections;
  readonly journal: Journal;
  readonly connect: (access: HostAccess) => RemoteHost;
}

/** Clusters that another desktop has made: looked at, and taken over, from any of their hosts. */
export class AdoptionDesk {
  readonly handlers: Pick<Handlers, 'clusters.look' | 'clusters.adopt'>;
  readonly #parts: AdoptionDeskParts;

  constructor(parts: AdoptionDeskParts) {
    this.#parts = parts;
    this.handlers = {
      'clusters.look': ({ hostId }, context) => this.#look(hostId, context),
      'clusters.adopt': (asked, context) => this.#adopt(asked, context),
    };
  }

  async #look(idOrName: string, { signal }: CallContext): Promise<FoundCluster> {
    const { hosts, clusters, connect } = this.#parts;
    const { hostId } = hosts.get(idOrName);
    await using set = new HostSet(hosts, connect);
    const host = await set.host(hostId);
    const found = await readCluster(host, signal);
    const { settings, status: { view, runs } } = found;
    const { known, problem } = await clusters.knownAs(settings, found.key).then((cluster) => ({ known: cluster, problem: null }), (error: unknown) => ({ known: undefined, problem: asBulkheadError(error).toBody() }));
    const row = runs.find(({ endedAt }) => endedAt === null);
    return {
      hostId, settings, problem, state: known === undefined ? 'new' : 'known',
      knowsAdmin: known !== undefined && await clusters.secret(known.clusterId, 'admin') !== undefined,
      nodes: view.nodes.map(({ nodeId, url, observed, version }) => {
        const on = nodeId === found.nodeId ? hosts.get(hostId) : this.#knownHost({ nodeId, address: addressOf(url), clusterId: known?.clusterId ?? null });
        return { nodeId, address: addressOf(url), observed, version, master: view.master?.nodeId === nodeId, host: on === undefined ? null : { hostId: on.hostId, name: on.name } };
      }),
      run: row === undefined ? null : runOf(row), lockedBy: await lockOwner(host, signal), halfReplaced: halfReplaced(found),
    };
  }

  async #adopt({ hostId: idOrName, adminPassword, resetAdmin: reset }: ParsedArgsOf<'clusters.adopt'>, context: CallContext): Promise<Adoption> {
    const { hosts, clusters, journal, connect } = this.#parts;
    const { signal } = context;
    const { hostId } = hosts.get(idOrName);
    await using set = new HostSet(hosts, connect);
    const host = await set.host(hostId);
    const { nodeId: nodeHere, settings, status, key, nextKey, databasePassword, nextDatabasePassword } = await readCluster(host, signal);
    // refused before hosts are added
    const known = await clusters.knownAs(settings, key);
    const nodes: Adoption['nodes'] = [];
    for (const { nodeId, url } of status.view.nodes) nodes.push(await this.#hostOf({ nodeId, address: addressOf(url), clusterId: known?.clusterId ?? null }, { hostId, nodeHere, cluster: settings.name }, signal));
    const urlOf = new Map(status.view.nodes.map(({ nodeId, url }) => [nodeId, url]));
    const cluster = await clusters.adopt(
      { settings, nodes: nodes.map((each) => ({ nodeId: each.nodeId, hostId: each.hostId, url: urlOf.get(each.nodeId) ?? '' })) },
      { key, nextKey, database: databasePassword, nextDatabase: nextDatabasePassword },
    );
    const password = adminPassword ?? (reset ? await resetAdmin(host, settings, signal) : undefined);
    if (password !== undefined) await clusters.setSecret(cluster.clusterId, 'admin', password);
    const knowsAdmin = await clusters.secret(cluster.clusterId, 'admin') !== undefined;
    journal.write({
      clusterId: cluster.clusterId, source: 'operator', severity: 'info', type: 'cluster.adopt', nodeId: null,
      message: `${settings.name} was adopted from ${hosts.get(hostId).name}`, detail: { by: context.caller, reset },
    });
    return { cluster, nodes, admin: !knowsAdmin ? 'unknown' : adminPassword === undefined && reset ? 'reset' : 'known', run: status.runs.find(({ endedAt }) => endedAt === null)?.id ?? null };
  }

  #knownHost(node: NodeOfCluster): Omit<HostSummary, 'node'> | undefined {
    const { hosts, clusters } = this.#parts;
    return hostOfNode(hosts.list(), (hostId) => clusters.nodeOn(hostId), node);
  }

  /** A host that is known, or a new one with the sign-in of the one that was adopted from. */
  async #hostOf(node: NodeOfCluster, from: { readonly hostId: string; readonly nodeHere: string; readonly cluster: string }, signal: AbortSignal): Promise<Adoption['nodes'][number]> {
    const { hosts, connections } = this.#parts;
    const { nodeId, address } = node;
    const known = nodeId === from.nodeHere ? from : this.#knownHost(node);
    const { hostId } = known ?? await hosts.addLike(from.hostId, { name: freeHostName(hosts.list(), nodeId, from.cluster), address });
    try {
      const { state } = await shownKey(await hosts.access(hostId), connections.knownHosts, signal);
      return { nodeId, address, hostId, state: state === 'trusted' ? 'ready' : 'trust-key', note: state === 'changed' ? 'it shows another key than before' : null };
    } catch (error) {
      signal.throwIfAborted();
      return { nodeId, address, hostId, state: 'unreachable', note: asBulkheadError(error).message };
    }
  }
}

function addressOf(url: string): string {
  return new URL(url).hostname.replace(/^\[|\]$/g, '');
}

function halfReplaced({ nextKey, nextDatabasePassword }: ReadCluster): RotatedSecret[] {
  return [...(nextKey === null ? [] : ['cluster-key' as const]), ...(nextDatabasePassword === null ? [] : ['database-password' as const])];
}

function runOf(row: unknown): FoundCluster['run'] {
  const { runId, kind, to, state, startedBy, holder, startedAt, holderUntil, asOf, nodes } = shownRun({ clusterId: '', nodes: [] }, readRow(row), { here: false, pausing: false });
  return { runId, kind, to, state, startedBy, holder, startedAt, holderUntil, asOf, done: nodes.filter((node) => node.state === 'done' || node.state === 'unchanged').length, nodes: nodes.length };
}
