import { Gauge, type Registry } from 'prom-client';
import type { AlertFigures, ClusterFigures } from '../alerts/index.ts';

/** What only the master knows: the whole cluster as it saw it at its last evaluation. Other nodes tell nothing of it. */
export function alertMetrics(registry: Registry, figures: AlertFigures): void {
  const registers = [registry];
  const told = (name: string, help: string, value: (last: ClusterFigures) => number): void => {
    new Gauge({
      name, help, registers,
      collect() {
        const { last } = figures;
        if (last === null) this.remove();
        else this.set(value(last));
      },
    });
  };
  told('bulkhead_cluster_evaluated_timestamp_seconds', 'When the master last evaluated the alert rules', ({ evaluatedAt }) => evaluatedAt / 1000);
  told('bulkhead_cluster_budget_connections', 'Database connections that the cluster may hold', ({ budget }) => budget);
  told('bulkhead_cluster_used_connections', 'Database sessions of the cluster', ({ observed }) => observed);
  told('bulkhead_cluster_foreign_connections', 'Database sessions of others on the same server', ({ foreign }) => foreign);
  told('bulkhead_cluster_max_connections', 'max_connections of the database server', ({ maxConnections }) => maxConnections);
  told('bulkhead_cluster_live_nodes', 'Nodes that are members', ({ live }) => live);
  told('bulkhead_cluster_missing_nodes', 'Nodes that were lost or stopped, and that nobody drained', ({ missing }) => missing);
}
