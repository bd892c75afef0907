import { Histogram, type Metric, type MetricObjectWithValues, type MetricValueWithName, type Registry } from 'prom-client';
import { durationBuckets, type HotCounts } from './hot-counts.ts';
import { hotRoute } from './hot-reads.ts';

type Labels = 'method' | 'route';

/** Durations of requests as one metric: of those that are observed here, and of hot reads, which are counted elsewhere and added when somebody asks. */
export class DurationsWithHot {
  readonly #hot: HotCounts;
  readonly #observed: Histogram<Labels>;
  readonly #name: string;

  constructor(registry: Registry, hot: HotCounts, name: string, help: string) {
    this.#hot = hot;
    this.#name = name;
    this.#observed = new Histogram({ name, help, labelNames: ['method', 'route'], buckets: [...durationBuckets], registers: [] });
    // what a registry asks of its metrics is this
    registry.registerMetric({ name, get: () => this.#told(), reset: () => { this.#observed.reset(); } } as unknown as Metric);
  }

  observe(method: string, route: string, seconds: number): void {
    this.#observed.observe({ method, route }, seconds);
  }

  async #told(): Promise<MetricObjectWithValues<MetricValueWithName<Labels | 'le'>>> {
    const told = await this.#observed.get();
    const values: MetricValueWithName<Labels | 'le'>[] = [...told.values];
    const add = (suffix: string, labels: Readonly<Partial<Record<Labels | 'le', string | number>>>, count: number): void => {
      const metricName = `${this.#name}_${suffix}`;
      const known = values.find((each) => each.metricName === metricName && each.labels.method === labels.method && each.labels.route === labels.route && each.labels.le === labels.le);
      if (known === undefined) values.push({ metricName, labels, value: count });
      else known.value += count;
    };
    for (const [method, { upTo, count, sum }] of this.#hot.durations()) {
      const labels = { method, route: hotRoute };
      for (const [index, le] of durationBuckets.entries()) add('bucket', { le, ...labels }, upTo[index] ?? 0);
      add('bucket', { le: '+Inf', ...labels }, count);
      add('sum', labels, sum);
      add('count', labels, count);
    }
    return { ...told, values };
  }
}
