import { BulkheadError } from '../../../server-bundle/contract/index.ts';
import type { State } from '../state/index.ts';

/** One cluster of the inventory. What `access` holds depends on the kind; secrets are never in it. */
export interface FleetCluster {
  readonly clusterId: string;
  readonly name: string;
  readonly kind: 'demo' | 'lan';
  readonly access: Readonly<Record<string, unknown>>;
}

interface Row { id: string; name: string; kind: 'demo' | 'lan'; access: string }

/** The clusters that this app knows. The demo cluster is always there; those on hosts are added. */
export class Fleet {
  readonly #state: State;

  constructor(state: State) {
    this.#state = state;
  }

  list(): FleetCluster[] {
    return this.#state.prepare<[], Row>('select id, name, kind, access from cluster order by kind, added_at').all().map(toCluster);
  }

  /** Throws CLUSTER_NOT_FOUND. */
  get(clusterId: string): FleetCluster {
    const row = this.#state.prepare<[string], Row>('select id, name, kind, access from cluster where id = ?').get(clusterId);
    if (row === undefined) throw new BulkheadError('CLUSTER_NOT_FOUND', `There is no cluster "${clusterId}"`, { details: { clusterId } });
    return toCluster(row);
  }

  put(cluster: FleetCluster): void {
    this.#state.prepare(`
      insert into cluster (id, name, kind, access, added_at) values (?, ?, ?, ?, ?)
      on conflict (id) do update set name = excluded.name, access = excluded.access
    `).run(cluster.clusterId, cluster.name, cluster.kind, JSON.stringify(cluster.access), Date.now());
  }
}

function toCluster({ id, name, kind, access }: Row): FleetCluster {
  return { clusterId: id, name, kind, access: JSON.parse(access) as Record<string, unknown> };
}
