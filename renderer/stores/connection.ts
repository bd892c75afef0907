import { defineStore } from 'pinia';
import { computed, onScopeDispose, ref } from 'vue';
import { useClient } from '../connection/client.ts';

/** Whether the control room answers. Values on the screen are its last words while it does not. */
export const useConnection = defineStore('connection', () => {
  const connected = ref(false);
  /** false until the first connection: then nothing is "lost", it is still being opened */
  const everConnected = ref(false);
  const lostAt = ref<number | null>(null);

  onScopeDispose(useClient().onConnection((now) => {
    if (now) everConnected.value = true;
    if (!now && connected.value) lostAt.value = Date.now();
    if (now) lostAt.value = null;
    connected.value = now;
  }));

  const lost = computed(() => everConnected.value && !connected.value);
  /** why nothing can be done at present; null when it can */
  const blocked = computed(() => (connected.value ? null : 'The control room does not answer'));
  return { connected, everConnected, lost, lostAt, blocked };
});
