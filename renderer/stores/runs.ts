import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowReactive } from 'vue';
import type { RunSummary } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useConnection } from './connection.ts';

const kept = 200;

/** What was done on hosts, newest first, live. */
export const useRuns = defineStore('runs', () => {
  const client = useClient();
  const connection = useConnection();
  const byId = shallowReactive(new Map<string, RunSummary>());
  const failure = ref<Failure | null>(null);
  const loaded = ref(false);

  async function refresh(): Promise<void> {
    try {
      for (const run of await client.call('runs.list', { limit: kept })) byId.set(run.runId, run);
      failure.value = null;
      loaded.value = true;
    } catch (error) {
      failure.value = asFailure(error);
    }
  }
  onScopeDispose(client.subscribe('runs.watch', {}, {
    item: (run) => byId.set(run.runId, run),
    error: (error) => {
      failure.value = asFailure(error);
    },
  }));
  // what ended while nobody was connected is told by no stream; and a run that falls silent is told by nobody at all
  onScopeDispose(client.onConnection((connected) => {
    if (connected) void refresh();
  }));
  const timer = setInterval(() => {
    if (connection.connected && underWay.value.length > 0) void refresh();
  }, 5_000);
  onScopeDispose(() => clearInterval(timer));

  const list = computed(() => [...byId.values()].sort((a, b) => b.startedAt - a.startedAt || a.nodeId.localeCompare(b.nodeId)));
  const underWay = computed(() => list.value.filter(({ state }) => state === 'running' || state === 'rolling-back'));
  const interrupted = computed(() => list.value.filter(({ state }) => state === 'interrupted'));
  return { byId, list, underWay, interrupted, failure, loaded, refresh };
});
