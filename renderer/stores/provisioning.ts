import { defineStore } from 'pinia';
import { ref } from 'vue';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useRuns } from './runs.ts';

export interface Click {
  readonly clusterId: string;
  readonly hostIds: readonly string[];
  /** risks that were taken on, by the names of their checks */
  readonly acceptWarnings: readonly string[];
  /** the cluster's balancers are brought in step as soon as the nodes serve */
  readonly balancer: boolean;
  /** when the button was pressed, milliseconds since 1970: making the cluster may have come in between */
  readonly at: number;
}

/** Turning hosts into nodes: the call lasts as long as the runs do, so it belongs to no screen. */
export const useProvisioning = defineStore('provisioning', () => {
  const client = useClient();
  const runs = useRuns();
  const latest = ref<Click | null>(null);
  /** why no run was begun at all; a run that fails says so itself */
  const failure = ref<Failure | null>(null);

  function start(click: Click): void {
    latest.value = click;
    failure.value = null;
    carryOut(click).catch((error: unknown) => {
      if (latest.value?.at === click.at) failure.value = asFailure(error);
    });
  }
  async function carryOut({ clusterId, hostIds, acceptWarnings, balancer }: Click): Promise<void> {
    const ended = await client.call('nodes.provision', { clusterId, hostIds: [...hostIds], acceptWarnings: [...acceptWarnings] });
    // one node is enough to be balanced to; the others join it when they are mended
    if (balancer && ended.some(({ state }) => state === 'done')) await client.call('balancers.follow', { clusterId });
    await runs.refresh();
  }
  function retry(): void {
    if (latest.value !== null) start({ ...latest.value, at: Date.now() });
  }
  return { latest, failure, start, retry };
});
