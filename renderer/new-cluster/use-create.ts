import { ref, type Ref } from 'vue';
import { useRouter } from 'vue-router';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useClusters } from '../stores/clusters.ts';
import { useLanClusters } from '../stores/lan-clusters.ts';
import { useNewCluster } from '../stores/new-cluster.ts';
import { useProvisioning } from '../stores/provisioning.ts';
import { toBalancer, toCluster } from './draft.ts';

/** The last click: writes the cluster down, then hands over to the runs. */
export function useCreate(): { readonly busy: Ref<boolean>; readonly failure: Ref<Failure | null>; readonly start: () => Promise<void> } {
  const client = useClient();
  const router = useRouter();
  const wizard = useNewCluster();
  const clusters = useClusters();
  const lanClusters = useLanClusters();
  const provisioning = useProvisioning();
  const busy = ref(false);
  const failure = ref<Failure | null>(null);

  async function start(): Promise<void> {
    if (busy.value) return;
    const at = Date.now();
    const { draft } = wizard;
    busy.value = true;
    failure.value = null;
    try {
      wizard.createdId ??= (await client.call('clusters.create', toCluster(draft))).clusterId;
      const clusterId = wizard.createdId;
      const balancer = toBalancer(draft);
      if (balancer !== undefined) await client.call('balancers.assign', { ...balancer, clusterId });
      clusters.select(clusterId);
      void lanClusters.refresh();
      provisioning.start({ clusterId, hostIds: draft.hostIds, acceptWarnings: draft.accepted, balancer: balancer !== undefined, at });
      await router.push({ name: 'run-started', query: { cluster: clusterId, since: String(at) } });
      wizard.clear();
    } catch (error) {
      failure.value = asFailure(error);
    } finally {
      busy.value = false;
    }
  }
  return { busy, failure, start };
}
