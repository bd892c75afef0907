import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { Topology } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useClock } from './clock.ts';
import { useClusters } from './clusters.ts';
import { useConnection } from './connection.ts';
import { TrafficHistory } from './traffic-history.ts';

/** A picture older than this is shown as old: it comes at least once a second while the control room is there. */
const staleAfterMs = 3_000;

/** The latest picture of the chosen cluster, and how old it is. */
export const useTopology = defineStore('topology', () => {
  const client = useClient();
  const clusters = useClusters();
  const connection = useConnection();
  const clock = useClock();
  const current = shallowRef<Topology | null>(null);
  const receivedAt = ref(0);
  const failure = ref<Failure | null>(null);
  const history = shallowRef(new TrafficHistory());
  /** grows with every picture, for what draws the history */
  const pictures = ref(0);
  let stop: (() => void) | null = null;

  const follow = (clusterId: string): void => {
    stop?.();
    current.value = null;
    failure.value = null;
    history.value = new TrafficHistory();
    stop = client.subscribe('topology.watch', { clusterId }, {
      item: (picture) => {
        current.value = picture;
        receivedAt.value = Date.now();
        failure.value = null;
        history.value.record(picture);
        pictures.value += 1;
      },
      error: (error) => {
        failure.value = asFailure(error);
      },
    });
  };
  watch(() => clusters.selectedId, follow, { immediate: true });
  onScopeDispose(() => stop?.());

  const pictureAgeMs = computed(() => (current.value === null ? 0 : Math.max(0, clock.now - receivedAt.value)));
  const stale = computed(() => current.value !== null && (connection.lost || pictureAgeMs.value > staleAfterMs));
  const masterId = computed(() => current.value?.nodes.find(({ isMaster }) => isMaster)?.nodeId ?? null);
  /** asks again after an error ended the stream */
  const retry = (): void => follow(clusters.selectedId);
  return { current, receivedAt, failure, history, pictures, pictureAgeMs, stale, masterId, retry };
});
