import { inject, type App, type InjectionKey } from 'vue';
import type { ContractClient } from '../../electron/contract/index.ts';

const clientKey: InjectionKey<ContractClient> = Symbol('contract client');

/** Makes the client known to every screen and store of this app. */
export function provideClient(app: App, client: ContractClient): void {
  app.provide(clientKey, client);
}

/** The control room, inside a component's or store's setup. */
export function useClient(): ContractClient {
  const client = inject(clientKey);
  if (client === undefined) throw new Error('No contract client was provided');
  return client;
}
