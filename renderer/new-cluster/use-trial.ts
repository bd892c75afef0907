import { computed, onScopeDispose, ref, shallowRef, type ComputedRef, type Ref } from 'vue';
import type { DatabaseFacts } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useNewCluster } from '../stores/new-cluster.ts';
import { serversOf, toCluster, withServer, type ClusterDraft } from './draft.ts';

/** What one server said. */
export interface ServerTrial {
  readonly facts: DatabaseFacts | null;
  readonly failure: Failure | null;
}

export interface Trial {
  /** of a database with several servers: each by itself, in their order; empty for a single one */
  readonly servers: ComputedRef<readonly ServerTrial[]>;
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
  const found = shallowRef<(ServerTrial & { readonly of: string; readonly servers: readonly ServerTrial[] }) | null>(null);
  let underWay: AbortController | null = null;
  const tried = computed(() => JSON.stringify([toCluster(wizard.draft).database, wizard.draft.databasePassword]));
  const current = computed(() => (found.value?.of === tried.value ? found.value : null));

  async function start(): Promise<void> {
    underWay?.abort();
    const controller = new AbortController();
    underWay = controller;
    running.value = true;
    const of = tried.value;
    const { draft } = wizard;
    try {
      const alone = draft.moreServers.length === 0 ? [] : serversOf(draft).map((server) => ask(withServer(draft, server), controller.signal));
      const [whole, servers] = await Promise.all([ask(draft, controller.signal), Promise.all(alone)]);
      if (!controller.signal.aborted) found.value = { of, ...whole, servers };
    } finally {
      if (underWay === controller) running.value = false;
    }
  }
  async function ask(draft: ClusterDraft, signal: AbortSignal): Promise<ServerTrial> {
    const { database: { host, port, name, user, keepForOthers }, databasePassword } = toCluster(draft);
    try {
      return { facts: await client.call('newCluster.database', { host, port, name, user, keepForOthers, ...(databasePassword === undefined ? {} : { password: databasePassword }) }, { signal }), failure: null };
    } catch (error) {
      return { facts: null, failure: asFailure(error) };
    }
  }
  onScopeDispose(() => underWay?.abort());
  return { servers: computed(() => current.value?.servers ?? []), facts: computed(() => current.value?.facts ?? null), failure: computed(() => current.value?.failure ?? null), running, start };
}
