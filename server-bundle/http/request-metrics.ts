import { Counter, Gauge, type Registry } from 'prom-client';
import type { NodeRuntime } from '../node/context.ts';
import { HotCounts } from './hot/hot-counts.ts';
import { DurationsWithHot } from './hot/hot-durations.ts';
import { hotRoute, type HotRead } from './hot/hot-reads.ts';
import type { FinishedRequest } from './request-log.ts';

interface RequestMetrics {
  readonly count: (finished: FinishedRequest) => void;
  /** one that was answered from memory alone */
  readonly countHot: (read: Pick<HotRead, 'method' | 'status' | 'seconds' | 'bytesOut'>) => void;
}

/** Client requests by method, route and status; durations and bytes by route. Routes are patterns, so labels stay few. */
export function requestMetrics(registry: Registry, runtime: NodeRuntime): RequestMetrics {
  const registers = [registry];
  const hot = new HotCounts();
  const requests = new Counter({
    name: 'bulkhead_http_requests_total', help: 'Requests that are over', labelNames: ['method', 'route', 'status'] as const, registers,
    collect() {
      for (const [{ method, status }, count] of hot.taken()) this.inc({ method, route: hotRoute, status }, count);
    },
  });
  const duration = new DurationsWithHot(registry, hot, 'bulkhead_http_request_duration_seconds', 'From the headers of the request to the end of the answer');
  const received = new Counter({ name: 'bulkhead_http_received_bytes_total', help: 'Bytes read from clients', registers });
  const sent = new Counter({
    name: 'bulkhead_http_sent_bytes_total', help: 'Bytes written to clients', registers,
    collect() {
      this.inc(hot.bytesTaken());
    },
  });
  new Counter({
    name: 'bulkhead_http_hot_reads_total', help: 'Requests, among all, that were answered from memory alone', registers,
    collect() {
      this.reset();
      this.inc(hot.total);
    },
  });
  new Gauge({
    aggregator: 'first', name: 'bulkhead_http_requests_in_flight', help: 'Client requests under way', registers,
    collect() {
      this.set(runtime.inFlight.count);
    },
  });
  return {
    count: ({ request: { method }, route: pattern, status, seconds, bytesIn, bytesOut }) => {
      const route = pattern ?? 'none';
      requests.inc({ method, route, status });
      duration.observe(method, route, seconds);
      // a counter throws at a negative number, and this runs where nobody would catch it
      received.inc(Math.max(0, bytesIn));
      sent.inc(Math.max(0, bytesOut));
    },
    countHot: ({ method, status, seconds, bytesOut }) => {
      hot.add(method, status, seconds, bytesOut);
    },
  };
}
