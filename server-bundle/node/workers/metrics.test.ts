import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { expect, test } from 'vitest';
import { openMetricsRegistry } from '../../http/open-metrics.ts';
import { metricsFromNode, metricsOfAll } from './metrics.ts';

function processOf(requests: number, state: string): Registry {
  const registers = [openMetricsRegistry()];
  new Counter({ name: 'requests_total', help: 'Requests', labelNames: ['status'], registers }).inc({ status: 200 }, requests);
  new Histogram({ name: 'seconds', help: 'Durations', buckets: [1], registers }).observe(requests);
  new Gauge({ name: 'state', help: 'State', labelNames: ['state'], aggregator: 'first', registers }).set({ state }, 1);
  return registers[0]!;
}

test('counts add up, and the state is that of the node', async () => {
  const [node, one, other] = [processOf(1, 'serving'), processOf(20, 'serving'), processOf(300, 'serving')];
  const text = await metricsOfAll(node, [await one.getMetricsAsJSON(), await other.getMetricsAsJSON()]);
  expect(text.split('\n')).toEqual([
    '# HELP requests Requests', '# TYPE requests counter', 'requests_total{status="200"} 321',
    '# HELP seconds Durations', '# TYPE seconds histogram', 'seconds_bucket{le="1"} 1', 'seconds_bucket{le="+Inf"} 3', 'seconds_sum 321', 'seconds_count 3',
    '# HELP state State', '# TYPE state gauge', 'state{state="serving"} 1', '# EOF', '',
  ]);
});

test('a process answers for all, and still tells its own', async () => {
  const own = processOf(1, 'serving');
  metricsFromNode(own, () => Promise.resolve('all'));
  expect(await own.metrics()).toBe('all');
  expect((await own.getMetricsAsJSON()).length).toBe(3);
});
