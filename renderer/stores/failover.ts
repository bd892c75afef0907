import { defineStore } from 'pinia';
import { ref, shallowRef, watch } from 'vue';
import type { DrillReport } from '../../electron/contract/index.ts';
import type { DrillFollower } from '../commands/cluster-actions.ts';
import { useQuery } from '../connection/use-query.ts';
import { useClusters } from './clusters.ts';
import { useTopology } from './topology.ts';

/** Epochs of the chosen cluster, and what the last drill of this visit measured. */
export const useFailover = defineStore('failover', () => {
  const clusters = useClusters();
  const topology = useTopology();
  const report = shallowRef<DrillReport | null>(null);
  const reportAt = ref<number | null>(null);
  /** how many drills the next start runs, and which of them runs at present (from 1; null: none) */
  const times = ref(1);
  const round = ref<number | null>(null);
  const history = useQuery('failover.history', () => (topology.current?.lifecycle === 'running' ? { clusterId: clusters.selectedId } : null));
  const past = useQuery('failover.drills', () => (topology.current?.lifecycle === 'running' ? { clusterId: clusters.selectedId } : null));
  watch(() => topology.current?.master?.epoch, () => void history.refresh());
  watch(() => clusters.selectedId, () => {
    report.value = null;
  });

  function keepReport(measured: DrillReport): void {
    report.value = measured;
    reportAt.value = Date.now();
    void history.refresh();
    void past.refresh();
  }
  const follower = (count: number): DrillFollower => ({ times: count, begins: (begun) => { round.value = begun; }, measured: keepReport });
  return { epochs: history.data, failure: history.failure, loading: history.loading, refresh: history.refresh, report, reportAt, drills: past.data, times, round, follower };
});
