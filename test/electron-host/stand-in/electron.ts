import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import { chromium, type Frame } from 'playwright-core';
import { chromiumArguments, chromiumPath } from '../chromium.ts';
import { toApp } from './addresses.ts';
import { StandInApp } from './app.ts';
import { Asked } from './asked.ts';
import { browserWindowClass, type WindowInstance } from './browser-window.ts';
import { preloadScript } from './preload-host.ts';
import { StandInSession } from './session.ts';

interface MenuItem { id?: string; label?: string; role?: string; submenu?: MenuItem[]; click?: () => void }

export interface StandInElectron {
  /** what `import … from 'electron'` gives */
  readonly module: Record<string, unknown>;
  readonly asked: Asked;
  readonly session: StandInSession;
  readonly app: StandInApp;
  /** answers for the next message boxes, first come first served; when empty, the box's own cancel button is pressed */
  readonly dialogAnswers: number[];
  becomeReady(): void;
  windows(): WindowInstance[];
  clickMenu(id: string): void;
  end(): Promise<void>;
}

/** An Electron whose windows are pages of a headless Chromium. What the test decides comes in the environment. */
export async function createElectron(): Promise<StandInElectron> {
  const asked = new Asked();
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: chromiumArguments,
    // signals are for the app to answer
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const session = new StandInSession(asked);
  const app = new StandInApp(asked, process.env['STAND_IN_USER_DATA'] ?? '', process.env['STAND_IN_SECOND_INSTANCE'] !== '1');
  const ipcMain = new EventEmitter();
  const dialogAnswers: number[] = [];
  let protocolHandler: ((request: Request) => Promise<Response>) | null = null;
  let menu: MenuItem[] = [];

  const frameOf = (frame: Frame): unknown => ({ url: toApp(frame.url()), parent: frame.parentFrame() === null ? null : {} });
  const BrowserWindow = browserWindowClass(app, asked, (preload) => ({
    context,
    session,
    preload: preload === undefined ? '' : preloadScript(readFileSync(preload, 'utf8')),
    protocolHandler: () => protocolHandler,
    onMessage: (contents, frame, message) => {
      if (message.kind === 'exposed') asked.note('exposeInMainWorld', message.name, message.keys);
      if (message.kind === 'send') ipcMain.emit(message.channel, { sender: contents, senderFrame: frameOf(frame) }, ...message.args);
    },
  }));

  class StandInTray extends EventEmitter {
    constructor() {
      super();
      asked.note('new Tray');
    }
    setToolTip(text: string): void { asked.note('tray.setToolTip', text); }
    setContextMenu(): void { asked.note('tray.setContextMenu'); }
    isDestroyed(): boolean { return false; }
    destroy(): void { asked.note('tray.destroy'); }
  }

  class StandInNotification extends EventEmitter {
    static isSupported(): boolean { return true; }
    readonly #options: unknown;

    constructor(options: unknown) {
      super();
      this.#options = options;
    }
    show(): void { asked.note('notification.show', this.#options); }
  }

  const display = { workArea: { x: 0, y: 0, width: 1920, height: 1080 } };
  const image = { resize: () => image };
  const module = {
    app,
    BrowserWindow,
    ipcMain,
    Tray: StandInTray,
    Notification: StandInNotification,
    Menu: {
      buildFromTemplate: (template: MenuItem[]) => template,
      setApplicationMenu: (template: MenuItem[]) => {
        menu = template;
        asked.note('Menu.setApplicationMenu', template);
      },
    },
    protocol: {
      registerSchemesAsPrivileged: (schemes: unknown) => asked.note('protocol.registerSchemesAsPrivileged', schemes),
      handle: (scheme: string, handler: (request: Request) => Promise<Response>) => {
        asked.note('protocol.handle', scheme);
        protocolHandler = handler;
      },
    },
    session: { defaultSession: session },
    safeStorage: {
      isAsyncEncryptionAvailable: () => Promise.resolve(true),
      getSelectedStorageBackend: () => process.env['STAND_IN_KEYCHAIN'] ?? 'gnome_libsecret',
      encryptStringAsync: (text: string) => Promise.resolve(Buffer.from(`sealed:${text}`)),
      decryptStringAsync: (sealed: Buffer) => Promise.resolve({ result: sealed.toString().slice('sealed:'.length), shouldReEncrypt: false }),
    },
    dialog: {
      showMessageBox: (...args: [...unknown[], { message: string; buttons: string[]; cancelId?: number }]) => {
        const options = args[args.length - 1] as { message: string; buttons: string[]; cancelId?: number };
        asked.note('dialog.showMessageBox', options);
        return Promise.resolve({ response: dialogAnswers.shift() ?? options.cancelId ?? 0, checkboxChecked: false });
      },
      showErrorBox: (title: string, text: string) => asked.note('dialog.showErrorBox', title, text),
    },
    nativeTheme: { shouldUseDarkColors: true },
    nativeImage: { createFromPath: (file: string) => { asked.note('nativeImage.createFromPath', file); return image; } },
    screen: { getPrimaryDisplay: () => display, getAllDisplays: () => [display] },
  };

  const items = (list: MenuItem[]): MenuItem[] => list.flatMap((item) => [item, ...items(item.submenu ?? [])]);
  return {
    module,
    asked,
    session,
    app,
    dialogAnswers,
    becomeReady: () => app.becomeReady(),
    windows: () => BrowserWindow.getAllWindows(),
    clickMenu: (id) => items(menu).find((item) => item.id === id)?.click?.(),
    end: () => browser.close(),
  };
}
