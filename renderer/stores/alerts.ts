import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { AlertPicture } from '../../electron/contract/index.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useClient } from '../connection/client.ts';
import { useClusters } from './clusters.ts';

/** Open alerts of every cluster, so that one elsewhere is not missed; the chosen cluster's come first. */
export const useAlerts = defineStore('alerts', () => {
  const client = useClient();
  const clusters = useClusters();
  const picture = shallowRef<AlertPicture | null>(null);
  const failure = ref<Failure | null>(null);
  let stop: (() => void) | null = null;

  const follow = (): void => {
    stop?.();
    failure.value = null;
    stop = client.subscribe('alerts.watch', {}, {
      item: (item) => {
        picture.value = item;
        failure.value = null;
      },
      error: (error) => {
        failure.value = asFailure(error);
      },
    });
  };
  follow();
  onScopeDispose(() => stop?.());

  const here = computed(() => picture.value?.alerts.filter(({ clusterId }) => clusterId === clusters.selectedId) ?? []);
  const elsewhere = computed(() => picture.value?.alerts.filter(({ clusterId }) => clusterId !== clusters.selectedId) ?? []);
  const counts = computed(() => picture.value?.counts ?? null);
  /** how far the chosen cluster's own alerts can be trusted */
  const trust = computed(() => picture.value?.clusters.find(({ clusterId }) => clusterId === clusters.selectedId) ?? null);
  return { picture, failure, here, elsewhere, counts, trust, retry: follow };
});
