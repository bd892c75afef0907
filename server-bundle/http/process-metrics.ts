import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Gauge, type Registry } from 'prom-client';
import { observedState } from '../contract/index.ts';
import type { NodeContext, NodeFigures, NodeRuntime } from '../node/context.ts';

/** How often the event loop is looked at. Each look wakes the process, also an idle one. */
const samplingMs = 40;

/** The histogram holds whole intervals in nanoseconds; what is beyond the wanted one is delay. In seconds. */
function late(interval: number): number {
  return Math.max(0, interval / 1e9 - samplingMs / 1000);
}

/** Node-wide: every process of a node would say the same, and its own process knows it first. */
const ofNode = { aggregator: 'first' } as const;

/** The process and this node's place in the cluster, read when they are asked for. */
export function processMetrics(registry: Registry, { runtime, version, config, filestore }: Omit<NodeContext, 'metrics' | 'log'>): void {
  const registers = [registry];
  const delay = monitorEventLoopDelay({ resolution: samplingMs });
  delay.enable();

  new Gauge({ ...ofNode, name: 'bulkhead_build_info', help: 'Version of this node', labelNames: ['version', 'node_id'], registers }).set({ version, node_id: config.node.id }, 1);
  new Gauge({
    aggregator: 'max', name: 'bulkhead_event_loop_delay_seconds', help: 'Delay of the event loop since the previous scrape', labelNames: ['quantile'], registers,
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
  new Gauge({ ...ofNode, name: 'bulkhead_process_uptime_seconds', help: 'Time since the process started', registers, collect() { this.set(process.uptime()); } });
  new Gauge({
    ...ofNode, name: 'bulkhead_node_state', help: '1 for the state that this node is in', labelNames: ['state'], registers,
    collect() {
      const now = runtime.state();
      for (const state of observedState.options) this.set({ state }, state === now ? 1 : 0);
    },
  });
  new Gauge({
    ...ofNode, name: 'bulkhead_filestore_available', help: '1 while the filestore can be used', registers,
    collect() { this.set(filestore.state().state === 'ok' ? 1 : 0); },
  });
  const room = (name: string, help: string, key: 'totalBytes' | 'freeBytes'): void => {
    new Gauge({
      ...ofNode, name, help, registers,
      collect() {
        const bytes = filestore.state()[key];
        if (bytes === null) this.remove();
        else this.set(bytes);
      },
    });
  };
  room('bulkhead_filestore_size_bytes', 'Size of the file system of the filestore', 'totalBytes');
  room('bulkhead_filestore_free_bytes', 'What is free of it', 'freeBytes');
  figuresOf(runtime, registers);
}

function inSeconds(milliseconds: number | null): number | null {
  return milliseconds === null ? null : milliseconds / 1000;
}

/** Pool, cache, heartbeats and lease. Nothing is told while there is no incarnation: a zero would be a claim. */
function figuresOf(runtime: NodeRuntime, registers: Registry[]): void {
  const told = (name: string, help: string, value: (figures: NodeFigures) => number | null): void => {
    new Gauge({
      ...ofNode, name, help, registers,
      collect() {
        const figures = runtime.figures();
        const now = figures === null ? null : value(figures);
        if (now === null) this.remove();
        else this.set(now);
      },
    });
  };
  new Gauge({
    ...ofNode, name: 'bulkhead_database_pool_connections', help: 'Connections of the pool by state', labelNames: ['state'], registers,
    collect() {
      this.reset();
      const figures = runtime.figures();
      if (figures === null) return;
      this.set({ state: 'in_use' }, figures.pool.inUse);
      this.set({ state: 'idle' }, figures.pool.idle);
    },
  });
  told('bulkhead_database_pool_limit_connections', 'Connections granted to the pool', ({ pool }) => pool.max);
  told('bulkhead_database_pool_waiting_requests', 'Requests that wait for a connection', ({ pool }) => pool.waiting);
  told('bulkhead_cache_entries', 'Answers in the cache', ({ cachedEntries }) => cachedEntries);
  told('bulkhead_cache_right', '1 while this node may answer from its cache', ({ caching }) => (caching ? 1 : 0));
  told('bulkhead_cluster_master', '1 while this node is the master', ({ master }) => (master ? 1 : 0));
  told('bulkhead_heartbeat_age_seconds', 'Time since the database last confirmed a heartbeat', ({ heartbeatSilenceMs }) => inSeconds(heartbeatSilenceMs));
  told('bulkhead_clock_offset_seconds', "The host's clock minus the database's", ({ clockOffsetMs }) => inSeconds(clockOffsetMs));
  told('bulkhead_host_disk_size_bytes', 'Size of the file system of the operating system', ({ systemDisk }) => systemDisk?.totalBytes ?? null);
  told('bulkhead_host_disk_free_bytes', 'What is free of it', ({ systemDisk }) => systemDisk?.freeBytes ?? null);
  told('bulkhead_cluster_epoch', 'Epoch of the lease as this node knows it', ({ epoch }) => epoch);
}
