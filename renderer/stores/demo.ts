import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import type { DemoOptions, DemoProgress } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';

/** The demo cluster's life: what it is doing, and the admin's password while it is to be handed out. */
export const useDemo = defineStore('demo', () => {
  const client = useClient();
  const progress = shallowRef<DemoProgress | null>(null);
  const progressAt = ref(0);
  const failure = ref<Failure | null>(null);
  const options = ref<{ nodes: number; port: number }>({ nodes: 3, port: 8080 });
  /** what the last start or password reset answered, until the user has taken note of it */
  const credentials = shallowRef<{ user: string; password: string } | null>(null);
  let starting: AbortController | null = null;

  onScopeDispose(client.subscribe('demo.progress', {}, {
    item: (item) => {
      progress.value = item;
      progressAt.value = Date.now();
    },
    error: (error) => {
      failure.value = asFailure(error);
    },
  }));

  const lifecycle = computed(() => progress.value?.lifecycle ?? null);

  /** @param offerPassword whether this start makes the admin, whose password is then handed out once */
  async function start(input: Partial<DemoOptions>, offerPassword: boolean): Promise<void> {
    failure.value = null;
    const controller = new AbortController();
    starting = controller;
    try {
      const answer = await client.call('demo.start', input, { signal: controller.signal });
      if (offerPassword) credentials.value = answer.admin;
    } catch (error) {
      failure.value = asFailure(error);
    } finally {
      if (starting === controller) starting = null;
    }
  }

  function cancelStart(): void {
    starting?.abort();
  }
  /** The password leaves the page's memory here. */
  function forgetCredentials(): void {
    credentials.value = null;
  }
  function showCredentials(shown: { user: string; password: string }): void {
    credentials.value = shown;
  }
  return { progress, progressAt, lifecycle, failure, options, credentials, start, cancelStart, forgetCredentials, showCredentials };
});
