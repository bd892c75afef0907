import { join } from 'node:path';
import { app, type BrowserWindow, dialog, ipcMain, Menu, protocol, safeStorage, session, type Tray } from 'electron';
import { appCommands, type AppCommand, connect, createWirePair, serve } from '../../contract/index.ts';
import type { Transfers } from '../../control/index.ts';
import { openControlRoom } from '../control-room.ts';
import { appSchemeRegistration, serveScreens } from './app-protocol.ts';
import { serveIpcWires } from './ipc-wires.ts';
import { openMainWindow } from './main-window.ts';
import { notifyOfAlerts } from './notifications.ts';
import { menuTemplate } from './menu.ts';
import { quitGracefully } from './quit.ts';
import { pressShortcut } from './run-command.ts';
import { keychainBox } from './secret-protection.ts';
import { confineAllContents, confineSession } from './security.ts';
import { createTray } from './tray.ts';

// What follows up to `whenReady` has to happen before Electron is ready, so nothing here may wait.
const out = join(import.meta.dirname, '..');
const icon = join(out, '..', 'resources', 'icons', 'icon-256.png');
let mainWindow: BrowserWindow | null = null;
let tray: Tray | null = null;
let transfers: Transfers | null = null;

app.enableSandbox();
protocol.registerSchemesAsPrivileged([appSchemeRegistration]);
confineAllContents(app);

if (app.requestSingleInstanceLock()) {
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.whenReady().then(start).catch((error: unknown) => {
    report('start', error);
    // an app that ends without a word is the worst answer
    dialog.showErrorBox('Bulkhead cannot start', error instanceof Error ? error.message : String(error));
    app.exit(1);
  });
} else {
  app.quit();
}

async function start(): Promise<void> {
  confineSession(session.defaultSession);
  serveScreens(protocol, join(out, 'renderer'), () => transfers);
  const room = await openControlRoom({
    shell: 'desktop',
    installation: app.isPackaged ? { kind: 'packaged', resources: process.resourcesPath } : { kind: 'checkout', root: join(out, '..') },
    secretBox: await keychainBox(safeStorage, process.platform),
  });
  ({ transfers } = room);
  serveIpcWires(ipcMain, { handlers: room.handlers, onInternalError: report, onRefused: (reason) => report('ipc', reason) });

  // menu, tray and quit are callers like any other, so they get a wire like any other
  const pair = createWirePair();
  serve(room.handlers, pair.control, { caller: 'desktop', onInternalError: report });
  const client = connect(() => pair.client);
  quitGracefully(app, {
    client,
    window: () => mainWindow,
    close: async () => {
      client.close();
      await room.close();
    },
  });

  Menu.setApplicationMenu(Menu.buildFromTemplate(menuTemplate(appCommands, {
    run: go,
    openWindow: showWindow,
  }, process.platform, app.isPackaged)));
  tray = createTray(icon, client, { openWindow: showWindow, quit: () => app.quit() }, process.platform);
  notifyOfAlerts(client, icon, showAlerts);
  app.once('will-quit', () => tray?.destroy());
  showWindow();
}

/** Shows the window and carries out a command in it. */
function go(command: AppCommand): void {
  showWindow();
  if (mainWindow !== null) pressShortcut(mainWindow.webContents, command, process.platform);
}

function showAlerts(): void {
  const command = appCommands.find(({ id }) => id === 'go.alerts');
  if (command !== undefined) go(command);
}

function showWindow(): void {
  if (!app.isReady()) return;
  if (mainWindow === null) {
    mainWindow = openMainWindow({
      preload: join(out, 'preload', 'preload.cjs'),
      icon,
      stateFile: join(app.getPath('userData'), 'window.json'),
    });
    mainWindow.once('closed', () => { mainWindow = null; });
    return;
  }
  if (mainWindow.isMinimized()) mainWindow.restore();
  mainWindow.show();
  mainWindow.focus();
}

function report(where: string, error: unknown): void {
  console.error(`${where}:`, error);
}
