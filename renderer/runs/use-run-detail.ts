import { computed, onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { RunDetail } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useRuns } from '../stores/runs.ts';

/** A run tells of each command; asking again is not worth more often than this, milliseconds. */
const pauseMs = 200;

/** One run with its commands, asked again as the run goes on. */
export function useRunDetail(runId: () => string | null): { detail: Readonly<ShallowRef<RunDetail | null>>; failure: Readonly<Ref<Failure | null>> } {
  const client = useClient();
  const runs = useRuns();
  const detail = shallowRef<RunDetail | null>(null);
  const failure = ref<Failure | null>(null);
  const summary = computed(() => runs.byId.get(runId() ?? ''));
  let asking = false;
  let again = false;
  let timer: ReturnType<typeof setTimeout> | undefined;

  const ask = async (): Promise<void> => {
    const id = runId();
    if (id === null) return;
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await client.call('runs.show', { runId: id });
      if (runId() === id) {
        detail.value = answer;
        failure.value = null;
      }
    } catch (error) {
      if (runId() === id) failure.value = asFailure(error);
    } finally {
      timer = setTimeout(() => {
        asking = false;
        if (again) {
          again = false;
          void ask();
        }
      }, pauseMs);
    }
  };
  watch(runId, () => {
    detail.value = null;
    failure.value = null;
    void ask();
  }, { immediate: true });
  watch(summary, () => void ask());
  onScopeDispose(() => {
    again = false;
    clearTimeout(timer);
  });
  return { detail, failure };
}
