import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { RepositoryList } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useClusters } from './clusters.ts';
import { useConnection } from './connection.ts';
import { useTopology } from './topology.ts';

/** The repositories of the chosen cluster, for the screens and for the palette. */
export const useRepositories = defineStore('repositories', () => {
  const client = useClient();
  const clusters = useClusters();
  const topology = useTopology();
  const connection = useConnection();
  const answer = shallowRef<RepositoryList | null>(null);
  const failure = ref<Failure | null>(null);
  const receivedAt = ref<number | null>(null);
  /** whether there is a cluster to ask */
  const running = computed(() => topology.current?.lifecycle === 'running' && topology.current.nodes.length > 0);
  let underWay: AbortController | null = null;

  async function refresh(): Promise<void> {
    if (!running.value || connection.blocked !== null) return;
    underWay?.abort();
    const controller = new AbortController();
    underWay = controller;
    try {
      const found = await client.call('repositories.list', { clusterId: clusters.selectedId }, { signal: controller.signal });
      if (controller.signal.aborted) return;
      answer.value = found;
      failure.value = null;
      receivedAt.value = Date.now();
    } catch (error) {
      if (!controller.signal.aborted) failure.value = asFailure(error);
    }
  }

  watch([() => clusters.selectedId, running], ([clusterId], [before]) => {
    if (clusterId !== before || !running.value) {
      underWay?.abort();
      answer.value = null;
      failure.value = null;
      receivedAt.value = null;
    }
    void refresh();
  }, { immediate: true });
  watch(() => connection.connected, (connected) => {
    if (connected) void refresh();
  });
  onScopeDispose(() => underWay?.abort());

  const list = computed(() => answer.value?.repositories ?? null);
  const byKey = computed(() => new Map((list.value ?? []).map((repository) => [repository.key, repository])));
  return { list, byKey, usageKnown: computed(() => answer.value?.usageKnown ?? false), failure, receivedAt, running, refresh };
});
