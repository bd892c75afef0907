import { defineStore } from 'pinia';
import { onScopeDispose, ref, shallowRef, watch } from 'vue';
import type { JournalEntry } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useClusters } from './clusters.ts';

const kept = 200;

/** The latest entries of the chosen cluster, newest first: for the ticker and for screens that follow live. */
export const useJournal = defineStore('journal', () => {
  const client = useClient();
  const clusters = useClusters();
  const latest = shallowRef<JournalEntry[]>([]);
  const failure = ref<Failure | null>(null);
  let stop: (() => void) | null = null;

  const add = (entries: readonly JournalEntry[]): void => {
    const known = new Set(latest.value.map(({ id }) => id));
    const fresh = entries.filter(({ id }) => !known.has(id));
    if (fresh.length === 0) return;
    latest.value = [...fresh, ...latest.value].sort((a, b) => b.id - a.id).slice(0, kept);
  };

  watch(() => clusters.selectedId, (clusterId) => {
    stop?.();
    latest.value = [];
    stop = client.subscribe('journal.watch', { clusterId }, {
      item: (entry) => add([entry]),
      error: (error) => {
        failure.value = asFailure(error);
      },
    });
    client.call('journal.list', { clusterId, limit: 50 }).then(
      ({ entries }) => {
        if (clusters.selectedId === clusterId) add(entries);
      },
      (error: unknown) => {
        failure.value = asFailure(error);
      },
    );
  }, { immediate: true });
  onScopeDispose(() => stop?.());
  return { latest, failure };
});
