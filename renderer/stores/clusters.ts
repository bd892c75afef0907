import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { ClusterSummary } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { readPreference, writePreference } from './preferences.ts';

/** The clusters this app knows, and the one that the screens show. */
export const useClusters = defineStore('clusters', () => {
  const list = shallowRef<ClusterSummary[] | null>(null);
  const failure = ref<Failure | null>(null);
  const chosen = ref(readPreference('cluster'));

  onScopeDispose(useClient().subscribe('clusters.watch', {}, {
    item: (clusters) => {
      list.value = clusters;
      failure.value = null;
    },
    error: (error) => {
      failure.value = asFailure(error);
    },
  }));

  /** The demo cluster is always there to be started, so it is what a first run shows; while it is off, a real cluster goes first. */
  const selectedId = computed(() => {
    const known = list.value ?? [];
    const first = known[0]?.health === 'off' ? known.find(({ health }) => health !== 'off') ?? known[0] : known[0];
    return (known.find(({ clusterId }) => clusterId === chosen.value) ?? first)?.clusterId ?? 'demo';
  });
  const selected = computed(() => list.value?.find(({ clusterId }) => clusterId === selectedId.value) ?? null);

  function select(clusterId: string): void {
    chosen.value = clusterId;
    writePreference('cluster', clusterId);
  }
  return { list, failure, selectedId, selected, select };
});
