import { Menu, nativeImage, Tray } from 'electron';
import type { ContractClient } from '../../contract/index.ts';

export interface TrayActions {
  readonly openWindow: () => void;
  readonly quit: () => void;
}

/**
 * An icon beside the clock that says how the clusters are. Not on macOS, where the Dock has the app already, and not
 * where the desktop has no tray.
 * @returns the tray, to be kept for as long as it is to be seen, or null
 */
export function createTray(icon: string, client: ContractClient, actions: TrayActions, platform: NodeJS.Platform): Tray | null {
  if (platform === 'darwin') return null;
  try {
    const tray = new Tray(nativeImage.createFromPath(icon).resize({ width: 22, height: 22 }));
    tray.setToolTip('Bulkhead');
    tray.setContextMenu(Menu.buildFromTemplate([
      { label: 'Show Bulkhead', click: actions.openWindow },
      { type: 'separator' },
      { label: 'Quit', click: actions.quit },
    ]));
    tray.on('click', actions.openWindow);
    client.subscribe('clusters.watch', {}, {
      item: (clusters) => {
        if (!tray.isDestroyed()) tray.setToolTip(['Bulkhead', ...clusters.map(({ name, summary }) => `${name}: ${summary}`)].join('\n').slice(0, 120));
      },
      error: () => undefined,
    });
    return tray;
  } catch {
    return null;
  }
}
