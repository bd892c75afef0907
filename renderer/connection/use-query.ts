import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { ArgsOf, OperationOf, ResultOf } from '../../electron/contract/index.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useClient } from './client.ts';

export interface Query<T> {
  readonly data: Readonly<ShallowRef<T | null>>;
  readonly failure: Readonly<Ref<Failure | null>>;
  readonly loading: Readonly<Ref<boolean>>;
  /** when `data` arrived, milliseconds since 1970; null before that */
  readonly receivedAt: Readonly<Ref<number | null>>;
  readonly refresh: () => Promise<void>;
}

/**
 * A question to the control room that is asked at once, again whenever its arguments change, and on `refresh`. An
 * answer stays shown while the next one is under way; a late answer to an older question is dropped.
 *
 * @param args the arguments, or null while there is nothing to ask
 */
export function useQuery<N extends OperationOf<'query'>>(name: N, args: () => ArgsOf<N> | null): Query<ResultOf<N>> {
  const client = useClient();
  const data: ShallowRef<ResultOf<N> | null> = shallowRef(null);
  const failure = ref<Failure | null>(null);
  const loading = ref(false);
  const receivedAt = ref<number | null>(null);
  let underWay: AbortController | null = null;

  const refresh = async (): Promise<void> => {
    underWay?.abort();
    const asked = args();
    if (asked === null) return;
    const controller = new AbortController();
    underWay = controller;
    loading.value = true;
    try {
      const answer = await client.call(name, asked, { signal: controller.signal });
      if (controller.signal.aborted) return;
      data.value = answer;
      failure.value = null;
      receivedAt.value = Date.now();
    } catch (error) {
      if (!controller.signal.aborted) failure.value = asFailure(error);
    } finally {
      if (underWay === controller) loading.value = false;
    }
  };

  watch(() => JSON.stringify(args()), () => void refresh(), { immediate: true });
  onScopeDispose(() => underWay?.abort());
  return { data, failure, loading, receivedAt, refresh };
}
