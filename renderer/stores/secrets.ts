import { defineStore } from 'pinia';
import { computed, onScopeDispose, shallowReactive, watch } from 'vue';
import type { RotatedSecret, RotationProgress } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { useQuery } from '../connection/use-query.ts';
import { useActions } from './actions.ts';
import { useClusters } from './clusters.ts';

/** Another program of this machine tells how far it is in the state they share: asked for, milliseconds. */
const askAgainMs = 2_000;

/** Keys and passwords of the chosen cluster: what is being replaced, what was left half done. */
export const useSecrets = defineStore('secrets', () => {
  const client = useClient();
  const clusters = useClusters();
  const actions = useActions();
  const clusterId = computed(() => (clusters.selected?.kind === 'lan' ? clusters.selectedId : null));
  const asked = useQuery('clusters.secrets', () => (clusterId.value === null ? null : { clusterId: clusterId.value }));
  const found = computed(() => (asked.data.value?.clusterId === clusterId.value ? asked.data.value : null));
  /** of this program, newer than what was asked for */
  const live = shallowReactive(new Map<string, RotationProgress>());

  onScopeDispose(client.subscribe('clusters.rotation', {}, { item: (progress) => live.set(`${progress.clusterId} ${progress.what}`, progress), error: () => undefined }));
  const timer = setInterval(() => {
    if (found.value?.secrets.some(({ state }) => state === 'under-way') === true) void asked.refresh();
  }, askAgainMs);
  onScopeDispose(() => clearInterval(timer));

  const subjectOf = (what: RotatedSecret): string => `rotation:${clusterId.value ?? ''}:${what}`;
  // whatever became of it is known when the action has ended
  watch(() => [...actions.running.keys()].filter((subject) => subject.startsWith('rotation:')).join(), () => void asked.refresh());

  /** How far a rotation is; null when nobody is at it and none was left half done. */
  function progressOf(what: RotatedSecret): RotationProgress | null {
    const stored = found.value?.secrets.find((secret) => secret.what === what)?.progress ?? null;
    return actions.running.has(subjectOf(what)) ? live.get(`${clusterId.value ?? ''} ${what}`) ?? stored : stored;
  }
  const begin = (what: RotatedSecret): void => {
    live.delete(`${clusterId.value ?? ''} ${what}`);
  };
  return { clusterId, found, failure: asked.failure, refresh: asked.refresh, subjectOf, progressOf, begin };
});
