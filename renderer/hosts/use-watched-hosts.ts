import { onScopeDispose, ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import type { WatchedHost } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';

/** How each host is now, by id, for as long as the screen that asks is there: every host is connected for it. */
export function useWatchedHosts(): { byId: Readonly<ShallowRef<ReadonlyMap<string, WatchedHost>>>; failure: Readonly<Ref<Failure | null>> } {
  const byId = shallowRef<ReadonlyMap<string, WatchedHost>>(new Map());
  const failure = ref<Failure | null>(null);
  onScopeDispose(useClient().subscribe('hosts.watch', {}, {
    item: (hosts) => {
      byId.value = new Map(hosts.map((host) => [host.hostId, host]));
      failure.value = null;
    },
    error: (error) => {
      failure.value = asFailure(error);
    },
  }));
  return { byId, failure };
}
