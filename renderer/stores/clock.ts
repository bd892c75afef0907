import { defineStore } from 'pinia';
import { onScopeDispose, ref, type Ref } from 'vue';

/** The one clock that ages every shown value: milliseconds since 1970, twice a second. */
export const useClock = defineStore('clock', (): { now: Ref<number> } => {
  const now = ref(Date.now());
  const timer = setInterval(() => {
    now.value = Date.now();
  }, 500);
  onScopeDispose(() => clearInterval(timer));
  return { now };
});
