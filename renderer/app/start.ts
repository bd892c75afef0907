import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import type { ContractClient } from '../../electron/contract/index.ts';
import { provideClient } from '../connection/client.ts';
import '../styles/tokens.css';
import '../styles/base.css';
import '../styles/controls.css';
import AppShell from './AppShell.vue';
import { createScreenRouter } from './router.ts';

/** Shows the screens over a client; the same for desktop, console and the design gallery. */
export function startScreens(client: ContractClient, root: string): void {
  const app = createApp(AppShell);
  provideClient(app, client);
  app.use(createPinia());
  app.use(createScreenRouter());
  app.mount(root);
}
