import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref } from 'vue';
import type { DatabaseFacts } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useNewCluster } from '../stores/new-cluster.ts';
import { toCluster } from './draft.ts';

export interface Trial {
  readonly facts: ComputedRef<DatabaseFacts | null>;
  readonly failure: ComputedRef<Failure | null>;
  readonly running: Ref<boolean>;
  readonly start: () => Promise<void>;
}

/** A trial of the database as it is typed now. What was found of another one is not shown. */
export function useTrial(): Trial {
  const client = useClient();
  const wizard = useNewCluster();
  const running = ref(false);
  const found = shallowRef<{ of: string; facts: DatabaseFacts | null; failure: Failure | null } | null>(null);
  let underWay: AbortController | null = null;
  const tried = computed(() => JSON.stringify([toCluster(wizard.draft).database, wizard.draft.databasePassword]));
  const current = computed(() => (found.value?.of === tried.value ? found.value : null));

  async function start(): Promise<void> {
    underWay?.abort();
    const controller = new AbortController();
    underWay = controller;
    running.value = true;
    const of = tried.value;
    const { database, databasePassword } = toCluster(wizard.draft);
    const { host, port, name, user, keepForOthers } = database;
    try {
      const facts = await client.call('newCluster.database', { host, port, name, user, keepForOthers, ...(databasePassword === undefined ? {} : { password: databasePassword }) }, { signal: controller.signal });
      found.value = { of, facts, failure: null };
    } catch (error) {
      if (!controller.signal.aborted) found.value = { of, facts: null, failure: asFailure(error) };
    } finally {
      if (underWay === controller) running.value = false;
    }
  }
  onScopeDispose(() => underWay?.abort());
  return { facts: computed(() => current.value?.facts ?? null), failure: computed(() => current.value?.failure ?? null), running, start };
}
