import { defineStore } from 'pinia';
import { ref } from 'vue';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useRuns } from './runs.ts';

export interface Click {
  readonly clusterId: string;
  readonly hostIds: readonly string[];
  /** when the button was pressed, milliseconds since 1970 */
  readonly at: number;
}

/** Turning hosts into nodes: the call lasts as long as the runs do, so it belongs to no screen. */
export const useProvisioning = defineStore('provisioning', () => {
  const client = useClient();
  const runs = useRuns();
  const latest = ref<Click | null>(null);
  /** why no run was begun at all; a run that fails says so itself */
  const failure = ref<Failure | null>(null);

  /** @param at when the person clicked: making the cluster may have come in between */
  function start(clusterId: string, hostIds: readonly string[], at: number): void {
    const click: Click = { clusterId, hostIds, at };
    latest.value = click;
    failure.value = null;
    client.call('nodes.provision', { clusterId, hostIds: [...hostIds] }).then(
      () => void runs.refresh(),
      (error: unknown) => {
        if (latest.value?.at === click.at) failure.value = asFailure(error);
      },
    );
  }
  function retry(): void {
    if (latest.value !== null) start(latest.value.clusterId, latest.value.hostIds, Date.now());
  }
  return { latest, failure, start, retry };
});
