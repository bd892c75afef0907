import { onScopeDispose, reactive, watch } from 'vue';
import { useClient } from '../connection/client.ts';
import { asFailure } from '../format/failures.ts';
import type { HostCheck } from '../new-cluster/use-host-checks.ts';

/** Checks of hosts against a cluster that is there. They belong to the page: what was found a while ago is not shown again. */
export function useClusterChecks(clusterId: () => string | null): { of: (hostId: string) => HostCheck | null; start: (hostId: string) => Promise<void> } {
  const client = useClient();
  const controller = new AbortController();
  const found = reactive(new Map<string, HostCheck>());

  async function start(hostId: string): Promise<void> {
    const cluster = clusterId();
    if (cluster === null) return;
    const nothing = { running: false, report: null, failure: null, outdated: false };
    found.set(hostId, { ...nothing, running: true });
    try {
      const report = await client.call('hosts.check', { hostId, clusterId: cluster }, { signal: controller.signal });
      if (cluster === clusterId()) found.set(hostId, { ...nothing, report });
    } catch (error) {
      if (!controller.signal.aborted && cluster === clusterId()) found.set(hostId, { ...nothing, failure: asFailure(error) });
    }
  }
  watch(clusterId, () => found.clear());
  onScopeDispose(() => controller.abort());
  return { of: (hostId) => found.get(hostId) ?? null, start };
}
