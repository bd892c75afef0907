import { onScopeDispose, reactive } from 'vue';
import type { HostReport } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useNewCluster } from '../stores/new-cluster.ts';
import { toCluster } from './draft.ts';

export interface HostCheck {
  readonly running: boolean;
  readonly report: HostReport | null;
  readonly failure: Failure | null;
  /** the settings have changed since */
  readonly outdated: boolean;
}

/** Reports outlive the page: going back and forth costs none. */
const kept = reactive(new Map<string, Omit<HostCheck, 'outdated'> & { readonly of: string }>());

/** Checks of hosts against the cluster as it is typed now. */
export function useHostChecks(): { of: (hostId: string) => HostCheck | null; start: (hostId: string) => Promise<void> } {
  const client = useClient();
  const wizard = useNewCluster();
  const controller = new AbortController();
  /** what the reports depend on, in a form that can be compared */
  const settings = (): string => JSON.stringify([toCluster(wizard.draft), [...wizard.draft.hostIds].sort()]);

  async function start(hostId: string): Promise<void> {
    const of = settings();
    const { databasePassword, ...cluster } = toCluster(wizard.draft);
    kept.set(hostId, { running: true, report: null, failure: null, of });
    try {
      const report = await client.call('newCluster.check', { cluster, hostId, hostIds: wizard.draft.hostIds, ...(databasePassword === undefined ? {} : { databasePassword }) }, { signal: controller.signal });
      kept.set(hostId, { running: false, report, failure: null, of });
    } catch (error) {
      if (controller.signal.aborted) kept.delete(hostId);
      else kept.set(hostId, { running: false, report: null, failure: asFailure(error), of });
    }
  }
  onScopeDispose(() => controller.abort());
  const of = (hostId: string): HostCheck | null => {
    const known = kept.get(hostId);
    return known === undefined ? null : { ...known, outdated: known.of !== settings() };
  };
  return { of, start };
}
