import type { ToClient } from '../../electron/contract/index.ts';
import type { DesktopHost } from './desktop-host.ts';

/** Makes one call over a wire of its own, from inside the page. Resolves to the message that answers it. */
export function callInPage(desktop: DesktopHost, name: string, args: unknown): Promise<ToClient> {
  const call = JSON.stringify({ kind: 'call', id: 1, name, args });
  return desktop.evaluate<ToClient>(`new Promise((resolve) => {
    const wire = window.bulkhead.open();
    wire.onMessage((message) => { wire.close(); resolve(message); });
    wire.send(${call});
  })`);
}
