import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import { observedState } from '../contract/index.ts';
import type { NodeContext } from '../node/context.ts';

/** How often the event loop is looked at. */
const samplingMs = 10;

/** The histogram holds whole intervals in nanoseconds; what is beyond the wanted one is delay. In seconds. */
function late(interval: number): number {
  return Math.max(0, interval / 1e9 - samplingMs / 1000);
}

/** The process and this node's place in the cluster, read when they are asked for. */
export function processMetrics(registry: Registry, { runtime, version, config, filestore }: Omit<NodeContext, 'metrics' | 'log'>): void {
  const registers = [registry];
  const delay = monitorEventLoopDelay({ resolution: samplingMs });
  delay.enable();

  new Gauge({ name: 'bulkhead_build_info', help: 'Version of this node', labelNames: ['version', 'node_id'], registers }).set({ version, node_id: config.node.id }, 1);
  new Gauge({
    name: 'bulkhead_event_loop_delay_seconds', help: 'Delay of the event loop since the previous scrape', labelNames: ['quantile'], registers,
    collect() {
      for (const quantile of [50, 99]) this.set({ quantile: String(quantile / 100) }, late(delay.percentile(quantile)));
      this.set({ quantile: '1' }, late(delay.max));
      delay.reset();
    },
  });
  new Gauge({ name: 'bulkhead_process_resident_memory_bytes', help: 'Resident set size', registers, collect() { this.set(process.memoryUsage.rss()); } });
  new Gauge({ name: 'bulkhead_process_heap_used_bytes', help: 'JavaScript heap in use', registers, collect() { this.set(process.memoryUsage().heapUsed); } });
  new Gauge({
    name: 'bulkhead_process_cpu_seconds', help: 'CPU time of the process since its start', registers,
    collect() {
      const { user, system } = process.cpuUsage();
      this.set((user + system) / 1e6);
    },
  });
  new Gauge({ name: 'bulkhead_process_uptime_seconds', help: 'Time since the process started', registers, collect() { this.set(process.uptime()); } });
  new Gauge({
    name: 'bulkhead_node_state', help: '1 for the state that this node is in', labelNames: ['state'], registers,
    collect() {
      const now = runtime.state();
      for (const state of observedState.options) this.set({ state }, state === now ? 1 : 0);
    },
  });
  new Gauge({
    name: 'bulkhead_filestore_available', help: '1 while the filestore can be used', registers,
    collect() { this.set(filestore.state().state === 'ok' ? 1 : 0); },
  });
}
