import { defineStore } from 'pinia';
import { computed, watch } from 'vue';
import { useQuery } from '../connection/use-query.ts';
import { useClusters } from './clusters.ts';
import { useRuns } from './runs.ts';

/** Clusters on hosts as this app has written them down; asked again when a cluster or a run has changed. */
export const useLanClusters = defineStore('lan-clusters', () => {
  const clusters = useClusters();
  const runs = useRuns();
  const { data, failure, loading, refresh } = useQuery('clusters.lan', () => ({}));
  watch(() => `${clusters.list?.length ?? 0} ${runs.list.map(({ runId, state }) => `${runId}${state}`).join()}`, () => void refresh());

  const list = computed(() => data.value);
  const nameOf = (clusterId: string): string => data.value?.find((known) => known.clusterId === clusterId)?.settings.name ?? 'a cluster that is gone';
  return { list, failure, loading, refresh, nameOf };
});
