import { ref, shallowRef, type Ref, type ShallowRef } from 'vue';
import type { ContractClient, ImportResult } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useHosts } from '../stores/hosts.ts';

export interface Importing {
  readonly busy: Ref<boolean>;
  readonly result: ShallowRef<ImportResult | null>;
  readonly failure: Ref<Failure | null>;
  readonly run: (call: (client: ContractClient) => Promise<ImportResult>) => Promise<void>;
}

/** Takes hosts over, and keeps what became of it beside what asked for it. */
export function useImport(): Importing {
  const client = useClient();
  const hosts = useHosts();
  const busy = ref(false);
  const result = shallowRef<ImportResult | null>(null);
  const failure = ref<Failure | null>(null);
  const run: Importing['run'] = async (call) => {
    if (busy.value) return;
    busy.value = true;
    failure.value = null;
    result.value = null;
    try {
      result.value = await call(client);
      await hosts.refresh();
    } catch (error) {
      failure.value = asFailure(error);
    } finally {
      busy.value = false;
    }
  };
  return { busy, result, failure, run };
}
