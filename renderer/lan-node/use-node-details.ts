import { onScopeDispose, ref, shallowRef, watch, type Ref, type ShallowRef } from 'vue';
import type { NodeDetails } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';

export interface FollowedDetails {
  readonly details: Readonly<ShallowRef<NodeDetails | null>>;
  /** when they came, by this page's clock; ages count on from there */
  readonly receivedAt: Readonly<Ref<number>>;
  readonly failure: Readonly<Ref<Failure | null>>;
}

/** Everything about one node, live while the caller is shown. */
export function useNodeDetails(node: () => { clusterId: string; nodeId: string }): FollowedDetails {
  const client = useClient();
  const details = shallowRef<NodeDetails | null>(null);
  const receivedAt = ref(0);
  const failure = ref<Failure | null>(null);
  let stop: (() => void) | null = null;
  watch(() => JSON.stringify(node()), () => {
    stop?.();
    details.value = null;
    failure.value = null;
    stop = client.subscribe('nodes.details', node(), {
      item: (item) => {
        details.value = item;
        receivedAt.value = Date.now();
        failure.value = null;
      },
      error: (error) => {
        failure.value = asFailure(error);
      },
    });
  }, { immediate: true });
  onScopeDispose(() => stop?.());
  return { details, receivedAt, failure };
}
