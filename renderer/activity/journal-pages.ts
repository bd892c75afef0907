import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { JournalEntry } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { fitsFilter, journalQueryOf, mergeEntries, type JournalFilter } from './journal-filter.ts';

export interface JournalPages {
  /** newest first; null until the first page is there */
  readonly entries: Readonly<ShallowRef<readonly JournalEntry[] | null>>;
  /** whether there are older ones */
  readonly more: Readonly<Ref<boolean>>;
  readonly failure: Readonly<Ref<Failure | null>>;
  readonly loading: Readonly<Ref<boolean>>;
  readonly paused: Readonly<Ref<boolean>>;
  /** how many entries have come since the pause */
  readonly heldBack: Readonly<Ref<number>>;
  loadOlder(): Promise<void>;
  pause(): void;
  follow(): void;
  reload(): Promise<void>;
}

/** The journal of a cluster under a filter: its newest page, older ones on request, and new entries as they come. */
export function useJournalPages(clusterId: () => string, filter: Ref<JournalFilter>): JournalPages {
  const client = useClient();
  const entries = shallowRef<readonly JournalEntry[] | null>(null);
  const waiting = shallowRef<readonly JournalEntry[]>([]);
  const heldBack = ref(0);
  const more = ref(false);
  const failure = ref<Failure | null>(null);
  const loading = ref(false);
  const paused = ref(false);
  let generation = 0;

  async function load(before?: number): Promise<void> {
    const asked = ++generation;
    loading.value = true;
    try {
      const page = await client.call('journal.list', journalQueryOf(clusterId(), filter.value, before));
      if (asked !== generation) return;
      entries.value = before === undefined ? page.entries : mergeEntries(entries.value ?? [], page.entries);
      more.value = page.more;
      failure.value = null;
    } catch (error) {
      if (asked === generation) failure.value = asFailure(error);
    } finally {
      if (asked === generation) loading.value = false;
    }
  }

  const take = (entry: JournalEntry): void => {
    if (entry.clusterId !== clusterId() || !fitsFilter(entry, filter.value)) return;
    if (paused.value) {
      waiting.value = [entry, ...waiting.value];
      heldBack.value = waiting.value.length;
    } else {
      entries.value = mergeEntries(entries.value ?? [], [entry]);
    }
  };
  let stop: (() => void) | null = null;
  watch(clusterId, (id) => {
    stop?.();
    stop = client.subscribe('journal.watch', { clusterId: id }, { item: take });
    entries.value = null;
  }, { immediate: true });
  onScopeDispose(() => stop?.());

  let typing: ReturnType<typeof setTimeout> | undefined;
  watch([clusterId, filter], () => {
    clearTimeout(typing);
    typing = setTimeout(() => void load(), 150);
  }, { deep: true });
  onScopeDispose(() => clearTimeout(typing));
  void load();

  function follow(): void {
    paused.value = false;
    entries.value = mergeEntries(entries.value ?? [], waiting.value);
    waiting.value = [];
    heldBack.value = 0;
  }
  return {
    entries, more, failure, loading, paused, heldBack, follow,
    pause: () => { paused.value = true; },
    reload: () => load(),
    loadOlder: async () => {
      const oldest = entries.value?.at(-1);
      if (oldest !== undefined && more.value && !loading.value) await load(oldest.id);
    },
  };
}
