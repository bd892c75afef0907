import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import type { Maintenance } from '../../electron/contract/index.ts';
import { useQuery } from '../connection/use-query.ts';
import { useClusters } from './clusters.ts';
import { useTopology } from './topology.ts';

export interface MaintenanceSubject { readonly clusterId: string; readonly nodeId: string; readonly master: boolean }

/** Nodes of the chosen cluster that are in maintenance, and the node for which the form is open. */
export const useMaintenance = defineStore('maintenance', () => {
  const clusters = useClusters();
  const topology = useTopology();
  const asking = shallowRef<MaintenanceSubject | null>(null);
  const { data, failure, refresh } = useQuery('maintenance.list', () => (clusters.selected?.kind === 'lan' ? { clusterId: clusters.selectedId } : null));
  const list = computed<readonly Maintenance[]>(() => (clusters.selected?.kind === 'lan' ? data.value ?? [] : []));
  // it begins and ends with a drain, which the picture shows
  watch(() => topology.current?.nodes.map(({ nodeId, observed, reported }) => `${nodeId} ${observed} ${reported?.desired ?? ''}`).join(), () => void refresh());
  const timer = setInterval(() => void refresh(), 15_000);
  onScopeDispose(() => clearInterval(timer));

  function of(clusterId: string, nodeId: string): Maintenance | null {
    return list.value.find((entry) => entry.clusterId === clusterId && entry.nodeId === nodeId) ?? null;
  }
  function ask(subject: MaintenanceSubject): void {
    asking.value = subject;
  }
  function close(): void {
    asking.value = null;
  }
  return { list, failure, refresh, of, asking, ask, close };
});
