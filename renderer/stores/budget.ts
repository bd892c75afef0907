import { defineStore } from 'pinia';
import { computed, onScopeDispose, watch } from 'vue';
import { useQuery } from '../connection/use-query.ts';
import { useClusters } from './clusters.ts';
import { useTopology } from './topology.ts';

/** The connection budget of the chosen cluster; asked again when a grant or the database changes, and every five seconds. */
export const useBudget = defineStore('budget', () => {
  const clusters = useClusters();
  const topology = useTopology();
  const running = computed(() => topology.current?.lifecycle === 'running');
  const { data, failure, loading, receivedAt, refresh } = useQuery('budget.explain', () => (running.value ? { clusterId: clusters.selectedId } : null));

  watch(
    () => `${topology.current?.databaseState ?? ''} ${JSON.stringify(topology.current?.database?.grants.map(({ nodeId, pool }) => [nodeId, pool]) ?? [])}`,
    () => void refresh(),
  );
  const timer = setInterval(() => void refresh(), 5_000);
  onScopeDispose(() => clearInterval(timer));
  const explanation = computed(() => (running.value ? data.value : null));
  return { explanation, failure, loading, receivedAt, refresh };
});
