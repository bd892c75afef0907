import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import { listClusterRows, putClusterRow, type ClusterRow, type State } from '../state/index.ts';

/** One cluster of the inventory. What `access` holds depends on the kind; secrets are never in it. */
export interface FleetCluster {
  readonly clusterId: string;
  readonly name: string;
  readonly kind: 'demo' | 'lan';
  readonly access: Readonly<Record<string, unknown>>;
}

/** The clusters that this app knows. The demo cluster is always there; those on hosts are added. */
export class Fleet {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  list(): FleetCluster[] {
    return listClusterRows(this.#state).map(toCluster);
  }

  /** Throws CLUSTER_NOT_FOUND. */
  get(clusterId: string): FleetCluster {
    const cluster = this.list().find((known) => known.clusterId === clusterId);
    if (cluster === undefined) throw new BulkheadError('CLUSTER_NOT_FOUND', `There is no cluster "${clusterId}"`, { details: { clusterId } });
    return cluster;
  }

  put(cluster: FleetCluster): void {
    putClusterRow(this.#state, { id: cluster.clusterId, name: cluster.name, kind: cluster.kind, access: JSON.stringify(cluster.access) });
  }
}

function toCluster({ id, name, kind, access }: ClusterRow): FleetCluster {
  return { clusterId: id, name, kind, access: JSON.parse(access) as Record<string, unknown> };
}
