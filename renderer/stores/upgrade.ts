import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { UpgradeRun } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useClusters } from './clusters.ts';

/** The upgrade under way in the chosen cluster, or the latest one: whichever desktop carries it out. */
export const useUpgrade = defineStore('upgrade', () => {
  const client = useClient();
  const clusters = useClusters();
  const run = shallowRef<UpgradeRun | null>(null);
  /** false until it is known whether there is one */
  const heard = ref(false);
  const receivedAt = ref(0);
  const failure = ref<Failure | null>(null);
  let stop: (() => void) | null = null;

  const clusterId = computed(() => (clusters.selected?.kind === 'lan' ? clusters.selectedId : null));
  const follow = (): void => {
    stop?.();
    stop = null;
    run.value = null;
    heard.value = false;
    failure.value = null;
    if (clusterId.value === null) return;
    stop = client.subscribe('upgrade.watch', { clusterId: clusterId.value }, {
      item: (item) => {
        run.value = item;
        heard.value = true;
        receivedAt.value = Date.now();
        failure.value = null;
      },
      error: (error) => {
        failure.value = asFailure(error);
      },
    });
  };
  watch(clusterId, follow, { immediate: true });
  onScopeDispose(() => stop?.());

  const underWay = computed(() => run.value !== null && !['done', 'rolled-back'].includes(run.value.state));
  return { clusterId, run, heard, receivedAt, failure, underWay, retry: follow };
});
