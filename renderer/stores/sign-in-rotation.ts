import { defineStore } from 'pinia';
import { reactive, ref } from 'vue';
import type { ArgsOf, HostAuth } from '../../electron/contract/index.ts';
import { useClient } from '../connection/client.ts';
import { asFailure, type Failure } from '../format/failures.ts';
import { useHosts } from './hosts.ts';

export interface SignInChange {
  readonly auth: HostAuth;
  readonly authorizedKey: NonNullable<ArgsOf<'hosts.edit'>['authorizedKey']>;
}

export type SignInOutcome =
  | { readonly state: 'waiting' | 'working' }
  | { readonly state: 'done'; readonly added: string | null; readonly removed: string | null }
  | { readonly state: 'failed'; readonly failure: Failure };

/** Another way to sign in, host by host: each is tried before the old one is forgotten, so one that fails keeps what it had. */
export const useSignInRotation = defineStore('sign-in-rotation', () => {
  const client = useClient();
  const hosts = useHosts();
  const outcomes = reactive(new Map<string, SignInOutcome>());
  const busy = ref(false);
  let stopping = false;

  const isStopping = (): boolean => stopping;

  /** One after the other: a mistake shows at the first host, and the rest can be stopped. */
  async function start(hostIds: readonly string[], { auth, authorizedKey }: SignInChange): Promise<void> {
    if (busy.value) return;
    busy.value = true;
    stopping = false;
    for (const hostId of hostIds) outcomes.set(hostId, { state: 'waiting' });
    for (const hostId of hostIds) {
      if (isStopping()) {
        outcomes.delete(hostId);
        continue;
      }
      outcomes.set(hostId, { state: 'working' });
      try {
        const { authorizedKeys } = await client.call('hosts.edit', { hostId, changes: { auth }, authorizedKey });
        outcomes.set(hostId, { state: 'done', ...authorizedKeys });
      } catch (error) {
        outcomes.set(hostId, { state: 'failed', failure: asFailure(error) });
      }
    }
    busy.value = false;
    await hosts.refresh();
  }
  /** The host under way is finished: half a change would be no change, told late. */
  const stop = (): void => {
    stopping = true;
  };
  return { outcomes, busy, start, stop };
});
