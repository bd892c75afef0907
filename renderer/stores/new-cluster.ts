import { defineStore } from 'pinia';
import { computed, ref, watch } from 'vue';
import { emptyDraft, firstOpenStep, problemsOf, withoutSecrets, type ClusterDraft } from '../new-cluster/draft.ts';

const place = 'bulkhead.new-cluster';

/** The cluster that is being thought up. It lives as long as the window; nothing of it is written down anywhere else. */
export const useNewCluster = defineStore('new-cluster', () => {
  const draft = ref<ClusterDraft>(remembered());
  /** the cluster, once it has been written down: a second try must not write it down again */
  const createdId = ref<string | null>(null);
  const problems = computed(() => problemsOf(draft.value));
  const openStep = computed(() => firstOpenStep(problems.value));
  watch(draft, (now) => remember(now), { deep: true });

  function clear(): void {
    draft.value = emptyDraft();
    createdId.value = null;
    forget();
  }
  return { draft, createdId, problems, openStep, clear };
});

function remembered(): ClusterDraft {
  try {
    const text = sessionStorage.getItem(place);
    return { ...emptyDraft(), ...(text === null ? {} : JSON.parse(text) as Partial<ClusterDraft>) };
  } catch {
    return emptyDraft();
  }
}

function remember(draft: ClusterDraft): void {
  try {
    sessionStorage.setItem(place, JSON.stringify(withoutSecrets(draft)));
  } catch {
    // without a storage a reload costs the draft
  }
}

function forget(): void {
  try {
    sessionStorage.removeItem(place);
  } catch {
    // there was none
  }
}
