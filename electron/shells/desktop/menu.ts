import type { MenuItemConstructorOptions } from 'electron';
import type { AppCommand } from '../../contract/index.ts';

export interface MenuActions {
  /** carries a command out in the window that has the focus */
  readonly run: (command: AppCommand) => void;
  readonly openWindow: () => void;
}

/** The application menu: commands of the registry, and what an operating system expects of any app. */
export function menuTemplate(commands: readonly AppCommand[], actions: MenuActions, platform: NodeJS.Platform, isPackaged: boolean): MenuItemConstructorOptions[] {
  const group = (name: AppCommand['group']): MenuItemConstructorOptions[] =>
    commands.filter((command) => command.group === name).map((command) => ({
      id: command.id,
      label: command.title,
      accelerator: command.shortcut.replace('Mod+', 'CommandOrControl+'),
      // the page listens for its shortcuts itself; registered here too, each would be carried out twice
      registerAccelerator: false,
      click: () => actions.run(command),
    }));
  const isMac = platform === 'darwin';
  const developer: MenuItemConstructorOptions[] = isPackaged ? [] : [{ type: 'separator' }, { role: 'toggleDevTools' }];
  return [
    ...(isMac ? [{ role: 'appMenu' as const }] : []),
    { label: '&File', submenu: [{ id: 'window.open', label: 'Show Bulkhead', click: actions.openWindow }, { type: 'separator' }, isMac ? { role: 'close' } : { role: 'quit' }] },
    { role: 'editMenu' },
    { label: '&Go', submenu: group('go') },
    {
      label: '&View',
      submenu: [
        ...group('view'), { type: 'separator' }, { role: 'reload' }, { type: 'separator' },
        { role: 'resetZoom' }, { role: 'zoomIn' }, { role: 'zoomOut' }, { type: 'separator' }, { role: 'togglefullscreen' },
        ...developer,
      ],
    },
    { role: 'windowMenu' },
  ];
}
