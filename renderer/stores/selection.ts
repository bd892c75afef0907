import { defineStore } from 'pinia';
import { ref } from 'vue';

/** What the details panel shows: `node:<nodeId>`, `balancer`, `database`, `filestore`, or the cluster when null. */
export type Selection = `node:${string}` | 'balancer' | 'database' | 'filestore';

export const nodeKey = (nodeId: string): Selection => `node:${nodeId}`;

export const useSelection = defineStore('selection', () => {
  const selected = ref<Selection | null>(null);
  function select(what: Selection | null): void {
    selected.value = what;
  }
  return { selected, select };
});
