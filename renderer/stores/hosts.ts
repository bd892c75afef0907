import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowReactive, shallowRef, watch } from 'vue';
import type { HostSummary } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useRuns } from './runs.ts';

/** The machines that this app may reach. */
export const useHosts = defineStore('hosts', () => {
  const client = useClient();
  const runs = useRuns();
  const list = shallowRef<HostSummary[] | null>(null);
  const failure = ref<Failure | null>(null);

  /** when a key was trusted in this window, by host */
  const trustedAt = shallowReactive(new Map<string, number>());

  async function refresh(): Promise<void> {
    try {
      list.value = (await client.call('hosts.list', {})).toSorted((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
      failure.value = null;
    } catch (error) {
      failure.value = asFailure(error);
    }
  }
  onScopeDispose(client.onConnection((connected) => {
    if (connected) void refresh();
  }));
  // a run that has ended may have put a node on a host, or taken it away
  watch(() => runs.list.filter(({ endedAt }) => endedAt !== null).length + runs.list.filter(({ state }) => state === 'done' || state === 'rolled-back').length, () => void refresh());
  const byId = computed(() => new Map((list.value ?? []).map((host) => [host.hostId, host])));
  return { list, byId, failure, trustedAt, refresh };
});
