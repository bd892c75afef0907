import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from 'vue';
import { useRoute, useRouter, type LocationQuery } from 'vue-router';
import type { SearchFindings } from '../../electron/contract/index.ts';
import { useQuery, type Query } from '../connection/use-query.ts';
import { useClusters } from '../stores/clusters.ts';
import { readSearch, saidOf, searchKindOf, type ReadSearch, type SearchKind } from './read-search.ts';

export interface ArtifactSearch {
  readonly text: Ref<string>;
  readonly kind: Ref<SearchKind>;
  /** key of the one that is searched; '' for all */
  readonly repository: Ref<string>;
  readonly problem: ComputedRef<string | null>;
  /** what the words were taken for, where that was not chosen */
  readonly about: ComputedRef<string>;
  readonly searching: ComputedRef<boolean>;
  readonly answer: Query<SearchFindings>;
}

/** Somebody who still types is let finish, milliseconds. */
const pauseMs = 300;
const wordOf = (query: LocationQuery, name: string): string => (typeof query[name] === 'string' ? query[name] : '');

/** A search that stands in the address of the screen (`?find=…&by=…&in=…`), so that the way back from a result leads to it. */
export function useArtifactSearch(): ArtifactSearch {
  const route = useRoute();
  const router = useRouter();
  const clusters = useClusters();
  const { name } = route;
  const text = ref(wordOf(route.query, 'find'));
  const kind = ref<SearchKind>(searchKindOf(wordOf(route.query, 'by')));
  const repository = ref(wordOf(route.query, 'in'));
  watch(() => route.query, (query) => {
    if (route.name !== name) return;
    text.value = wordOf(query, 'find');
    kind.value = searchKindOf(wordOf(query, 'by'));
    repository.value = wordOf(query, 'in');
  });
  watch([text, kind, repository], ([find, by, where]) => {
    void router.replace({ query: { ...(find === '' ? {} : { find }), ...(by === 'any' ? {} : { by }), ...(where === '' ? {} : { in: where }) } });
  });

  const read = computed(() => readSearch(text.value, kind.value, repository.value));
  const settled = ref<ReadSearch>(read.value);
  let timer: ReturnType<typeof setTimeout> | undefined;
  watch(read, (now) => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      settled.value = now;
    }, pauseMs);
  });
  onScopeDispose(() => clearTimeout(timer));
  const answer = useQuery('artifacts.search', () => {
    const now = settled.value;
    if (now === null || !('question' in now)) return null;
    return { clusterId: clusters.selectedId, question: now.question, ...(repository.value === '' ? {} : { repository: repository.value }) };
  });
  const problem = computed(() => (read.value !== null && 'problem' in read.value ? read.value.problem : null));
  const about = computed(() => (read.value !== null && 'question' in read.value && kind.value === 'any' ? `Searched ${saidOf(read.value.question)}.` : ''));
  return { text, kind, repository, problem, about, searching: computed(() => text.value.trim() !== ''), answer };
}
