import { BrowserWindow, dialog, nativeTheme, screen } from 'electron';
import { appOrigin } from './origin.ts';
import { webPreferences } from './security.ts';
import { restoredWindow, saveWindowState, smallestWindow } from './window-state.ts';

export interface MainWindowOptions {
  readonly preload: string;
  readonly icon: string;
  /** file in which the window's place is kept */
  readonly stateFile: string;
}

/** Opens the window of the app. It appears when it has something to show, in the colour of its theme. */
export function openMainWindow(options: MainWindowOptions): BrowserWindow {
  const { maximized, ...bounds } = restoredWindow(options.stateFile, [screen.getPrimaryDisplay(), ...screen.getAllDisplays()].map(({ workArea }) => workArea));
  const window = new BrowserWindow({
    ...bounds,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'Bulkhead',
    icon: options.icon,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#0c1116' : '#f5f7f9',
    webPreferences: webPreferences(options.preload),
  });
  if (maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => saveWindowState(options.stateFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() }));
  offerReload(window);
  window.loadURL(`${appOrigin}/`).catch((error: unknown) => {
    // closed before it was loaded: nobody is there to miss it
    if (!window.isDestroyed()) console.error('window:', error);
  });
  return window;
}

/** A page that died or hangs takes nothing with it: the control room goes on, and the page can be loaded again. */
function offerReload(window: BrowserWindow): void {
  window.webContents.on('render-process-gone', (_event, details) => {
    if (details.reason === 'clean-exit' || window.isDestroyed()) return;
    void ask(window, 'The screens have crashed', `Clusters are not affected. Reason: ${details.reason}.`, ['Reload', 'Close']).then((answer) => {
      if (window.isDestroyed()) return;
      if (answer === 0) window.webContents.reload();
      else window.destroy();
    });
  });
  window.on('unresponsive', () => {
    void ask(window, 'The screens do not answer', 'Clusters are not affected.', ['Wait', 'Reload']).then((answer) => {
      if (answer === 1 && !window.isDestroyed()) window.webContents.reload();
    });
  });
}

async function ask(window: BrowserWindow, message: string, detail: string, buttons: string[]): Promise<number> {
  const { response } = await dialog.showMessageBox(window, { type: 'warning', message, detail, buttons, defaultId: 0, cancelId: 0, noLink: true });
  return response;
}
