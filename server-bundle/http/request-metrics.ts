import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { NodeRuntime } from '../node/context.ts';
import type { FinishedRequest } from './request-log.ts';

/** What metrics want to know of a request that is over. */
export type CountedRequest = Pick<FinishedRequest, 'route' | 'status' | 'seconds' | 'bytesIn' | 'bytesOut'> & { readonly request: { readonly method: string } };

/** How many requests were answered from memory alone. @returns counts one more */
export function hotReadMetric(registry: Registry): () => void {
  const reads = new Counter({ name: 'bulkhead_http_hot_reads_total', help: 'Requests, among all, that were answered from memory alone', registers: [registry] });
  return () => { reads.inc(); };
}

/** Client requests by method, route and status; durations and bytes by route. Routes are patterns, so labels stay few. */
export function requestMetrics(registry: Registry, runtime: NodeRuntime): (finished: CountedRequest) => void {
  const registers = [registry];
  const requests = new Counter({ name: 'bulkhead_http_requests_total', help: 'Requests that are over', labelNames: ['method', 'route', 'status'] as const, registers });
  const duration = new Histogram({
    name: 'bulkhead_http_request_duration_seconds', help: 'From the headers of the request to the end of the answer', labelNames: ['method', 'route'] as const,
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30], registers,
  });
  const received = new Counter({ name: 'bulkhead_http_received_bytes_total', help: 'Bytes read from clients', registers });
  const sent = new Counter({ name: 'bulkhead_http_sent_bytes_total', help: 'Bytes written to clients', registers });
  new Gauge({
    name: 'bulkhead_http_requests_in_flight', help: 'Client requests under way', registers,
    collect() {
      this.set(runtime.inFlight.count);
    },
  });
  return ({ request: { method }, route: pattern, status, seconds, bytesIn, bytesOut }) => {
    const route = pattern ?? 'none';
    requests.inc({ method, route, status });
    duration.observe({ method, route }, seconds);
    received.inc(bytesIn);
    sent.inc(bytesOut);
  };
}
