import { defineStore } from 'pinia';
import { computed, onScopeDispose, watch } from 'vue';
import { useQuery } from '../connection/use-query.ts';
import { useClusters } from './clusters.ts';
import { useTopology } from './topology.ts';

/** Between two questions to the balancer's host, milliseconds: each one signs in there. */
const statusMs = 20_000;

/** Balancers of the chosen cluster on hosts, and what the host of the first one says. */
export const useBalancers = defineStore('balancers', () => {
  const clusters = useClusters();
  const topology = useTopology();
  const clusterId = computed(() => (clusters.selected?.kind === 'lan' ? clusters.selectedId : null));
  const all = useQuery('balancers.list', () => (clusterId.value === null ? null : { clusterId: clusterId.value }));
  const list = computed(() => (clusterId.value === null ? null : all.data.value?.filter((balancer) => balancer.clusterId === clusterId.value) ?? null));
  const first = computed(() => list.value?.[0] ?? null);
  const asked = useQuery('balancers.status', () => (first.value === null ? null : { balancerId: first.value.balancerId }));
  const status = computed(() => (asked.data.value?.balancerId === first.value?.balancerId ? asked.data.value : null));
  // a drain or a new node puts a balancer out of step
  watch(() => topology.current?.nodes.map(({ nodeId, observed }) => `${nodeId} ${observed}`).join(), () => void all.refresh());
  const timer = setInterval(() => {
    void all.refresh();
    void asked.refresh();
  }, statusMs);
  onScopeDispose(() => clearInterval(timer));
  return { clusterId, list, first, status, failure: all.failure, refresh: all.refresh };
});
