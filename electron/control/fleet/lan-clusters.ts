import { randomBytes, randomUUID } from 'node:crypto';
import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { lanCluster, type LanCluster, type LanNode, type LanSettings, type NewLanCluster } from '../../contract/index.ts';
import type { SecretStore } from '../secrets/index.ts';
import { deleteClusterRow, type State } from '../state/index.ts';
import type { Fleet, FleetCluster } from './fleet.ts';
import { settingsBehind } from './settings-behind.ts';

/** Bytes of a new cluster key. */
const keyBytes = 48;

const shape = lanCluster.omit({ clusterId: true });

const secretKinds = ['key', 'next-key', 'database', 'next-database', 'admin', 'next-admin'] as const;
/** The next ones are there only while a present one is being replaced. */
type ClusterSecret = (typeof secretKinds)[number];

/** What a host of a cluster holds; `next…` is null unless the secret is being replaced. */
export interface AdoptedSecrets {
  readonly key: string;
  readonly nextKey: string | null;
  readonly database: string | null;
  readonly nextDatabase: string | null;
}

/** Clusters on hosts: what their nodes share, who their nodes are. The cluster key is made once and kept encrypted. */
export class LanClusters {
  readonly #state: State;
  readonly #fleet: Fleet;
  readonly #secrets: SecretStore;

  constructor(state: State, fleet: Fleet, secrets: SecretStore) {
    this.#state = state;
    this.#fleet = fleet;
    this.#secrets = secrets;
  }

  list(): LanCluster[] {
    return this.#fleet.list().filter(({ kind }) => kind === 'lan').map(toLanCluster);
  }

  /** By id or name. Throws CLUSTER_NOT_FOUND. */
  get(idOrName: string): LanCluster {
    const cluster = this.list().find(({ clusterId, settings }) => clusterId === idOrName || settings.name === idOrName);
    if (cluster === undefined) throw new BulkheadError('CLUSTER_NOT_FOUND', `There is no cluster "${idOrName}"`);
    return cluster;
  }

  /** Throws CLUSTER_EXISTS. */
  async create({ databasePassword, ...settings }: NewLanCluster): Promise<LanCluster> {
    if (this.list().some((known) => known.settings.name === settings.name)) throw new BulkheadError('CLUSTER_EXISTS', `There is a cluster "${settings.name}" already`);
    const clusterId = randomUUID();
    await this.setSecret(clusterId, 'key', randomBytes(keyBytes).toString('base64'));
    if (databasePassword !== undefined) await this.setSecret(clusterId, 'database', databasePassword);
    return this.#put({ clusterId, settings, nodes: [] });
  }

  /** Writes down a cluster that was made elsewhere, or what has changed of one that is known. */
  async adopt({ settings, nodes }: Omit<LanCluster, 'clusterId'>, { key, nextKey, database, nextDatabase }: AdoptedSecrets): Promise<LanCluster> {
    const clusterId = (await this.knownAs(settings, key))?.clusterId ?? randomUUID();
    await this.setSecret(clusterId, 'key', key);
    if (database !== null) await this.setSecret(clusterId, 'database', database);
    // what somebody has begun to replace can be finished here; what another desktop has finished is no longer begun
    for (const [name, value] of [['next-key', nextKey], ['next-database', nextDatabase]] as const) {
      if (value === null) this.forgetSecret(clusterId, name);
      else await this.setSecret(clusterId, name, value);
    }
    return this.#put({ clusterId, settings, nodes });
  }

  /**
   * The cluster of this name that is written down already, if it is this one: it has the same key, or lies in the same database, where another desktop
   * may have given it a new key. Throws CLUSTER_EXISTS when it is another one.
   */
  async knownAs({ name, database }: LanSettings, key: string): Promise<LanCluster | undefined> {
    const known = this.list().find((each) => each.settings.name === name);
    if (known === undefined || await this.secret(known.clusterId, 'key') === key) return known;
    const place = ({ host, port, name: of }: LanSettings['database']): string => `${host} ${port} ${of}`;
    if (place(known.settings.database) === place(database)) return known;
    throw new BulkheadError('CLUSTER_EXISTS', `There is another cluster "${name}" already`, { hint: 'It has another key and another database. Forget that one first.' });
  }

  /** Throws HOST_IN_USE while it has nodes. */
  forget(idOrName: string): void {
    const { clusterId, nodes } = this.get(idOrName);
    if (nodes.length > 0) throw new BulkheadError('HOST_IN_USE', 'The cluster still has nodes', { details: { nodes: nodes.map(({ nodeId }) => nodeId) }, hint: 'Remove them first.' });
    deleteClusterRow(this.#state, clusterId);
    for (const what of secretKinds) this.#secrets.forget(secretName(clusterId, what));
  }

  addNode(clusterId: string, node: LanNode): void {
    const cluster = this.get(clusterId);
    const nodes = [...cluster.nodes.filter(({ nodeId }) => nodeId !== node.nodeId), node];
    this.#put({ ...cluster, nodes });
  }

  /** Clients need one address, also before there is a balancer: the first one stays, unless the cluster was given its own. */
  fixBaseUrl(clusterId: string, baseUrl: string): void {
    const cluster = this.get(clusterId);
    this.#put({ ...cluster, settings: { ...cluster.settings, baseUrl: cluster.settings.baseUrl ?? baseUrl } });
  }

  /** A balancer comes to stand in front; see `settingsBehind`. Nodes that run already are told when they are provisioned again. */
  joinBalancer(clusterId: string, addresses: readonly string[], url: string, former: string | null): void {
    const cluster = this.get(clusterId);
    this.#put({ ...cluster, settings: settingsBehind(cluster, addresses, url, former) });
  }

  /**
   * A balancer is no more: nobody who comes from these addresses is believed, and where its address was the public one, that of another balancer takes
   * its place, or the first node's.
   */
  leaveBalancer(clusterId: string, addresses: readonly string[], url: string, next: string | null): void {
    const cluster = this.get(clusterId);
    const { settings, nodes } = cluster;
    const { baseUrl: former, ...rest } = settings;
    const baseUrl = former === url ? next ?? nodes[0]?.url : former;
    this.#put({ ...cluster, settings: { ...rest, ...(baseUrl === undefined ? {} : { baseUrl }), trustedProxies: settings.trustedProxies.filter((each) => !addresses.includes(each)) } });
  }

  removeNode(clusterId: string, nodeId: string): void {
    const cluster = this.get(clusterId);
    this.#put({ ...cluster, nodes: cluster.nodes.filter((node) => node.nodeId !== nodeId) });
  }

  nodeOn(hostId: string): { clusterId: string; nodeId: string } | null {
    for (const { clusterId, nodes } of this.list()) {
      const node = nodes.find((each) => each.hostId === hostId);
      if (node !== undefined) return { clusterId, nodeId: node.nodeId };
    }
    return null;
  }

  secret(clusterId: string, what: ClusterSecret): Promise<string | undefined> {
    return this.#secrets.read(secretName(clusterId, what));
  }

  setSecret(clusterId: string, what: ClusterSecret, value: string): Promise<void> {
    return this.#secrets.write(secretName(clusterId, what), value);
  }

  forgetSecret(clusterId: string, what: ClusterSecret): void {
    this.#secrets.forget(secretName(clusterId, what));
  }

  #put({ clusterId, settings, nodes }: LanCluster): LanCluster {
    this.#fleet.put({ clusterId, name: settings.name, kind: 'lan', access: { settings, nodes } });
    return { clusterId, settings, nodes };
  }
}

function toLanCluster({ clusterId, access }: FleetCluster): LanCluster {
  return { clusterId, ...shape.parse(access) };
}

function secretName(clusterId: string, what: ClusterSecret): string {
  return `cluster/${clusterId}/${what}`;
}
