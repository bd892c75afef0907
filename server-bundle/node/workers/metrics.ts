import { AggregatorRegistry, type Registry } from 'prom-client';
import { asOpenMetrics } from '../../http/open-metrics.ts';

/**
 * Metrics of all processes of a node as those of one: counts are added up, and what the node's own process alone knows is
 * taken from it, as each metric's `aggregator` says.
 *
 * @param own of the node's own process
 * @param others of its workers, each as `getMetricsAsJSON` tells it
 */
export async function metricsOfAll(own: Pick<Registry, 'getMetricsAsJSON'>, others: readonly object[][]): Promise<string> {
  return asOpenMetrics(AggregatorRegistry.aggregate([await own.getMetricsAsJSON(), ...others].map((metrics) => metrics.map(familyOf)))).metrics();
}

/** In OpenMetrics a counter's family is called without `_total`; the library sees to that where it has the counter itself. */
function familyOf(metric: object): object {
  const isCounter = 'type' in metric && 'name' in metric && metric.type === 'counter';
  return isCounter ? { ...metric, name: String(metric.name).replace(/_total$/, '') } : metric;
}

/** Has the registry of a process answer for all processes of its node. What it has counted itself stays in `getMetricsAsJSON`. */
export function metricsFromNode(registry: Registry, ofNode: () => Promise<string>): void {
  registry.metrics = ofNode;
}
