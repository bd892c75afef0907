import { defineStore } from 'pinia';
import { reactive, ref, shallowRef } from 'vue';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import type { Action } from '../commands/action.ts';

export interface RunningAction { readonly label: string; readonly since: number; readonly cancel: () => void }

/**
 * Everything a person may start: asks first where the action says so, runs it, and keeps what became of it beside
 * its subject until the next action there.
 */
export const useActions = defineStore('actions', () => {
  const client = useClient();
  const running = reactive(new Map<string, RunningAction>());
  const failures = reactive(new Map<string, Failure & { readonly label: string }>());
  const toConfirm = shallowRef<Action | null>(null);
  const confirmOpen = ref(false);

  /** Runs an action that may be done; one with a question opens the question instead. */
  function start(action: Action): void {
    if (action.blocked !== null || running.has(action.subject)) return;
    if (action.question === null) {
      void perform(action);
      return;
    }
    toConfirm.value = action;
    confirmOpen.value = true;
  }

  function answer(yes: boolean): void {
    const action = toConfirm.value;
    confirmOpen.value = false;
    if (yes && action !== null) void perform(action);
  }

  async function perform(action: Action): Promise<void> {
    const controller = new AbortController();
    failures.delete(action.subject);
    running.set(action.subject, { label: action.progress, since: Date.now(), cancel: () => controller.abort() });
    try {
      await action.run(client, controller.signal);
    } catch (error) {
      failures.set(action.subject, { ...asFailure(error), label: action.label });
    } finally {
      running.delete(action.subject);
    }
  }

  function dismiss(subject: string): void {
    failures.delete(subject);
  }
  return { running, failures, toConfirm, confirmOpen, start, answer, dismiss };
});
