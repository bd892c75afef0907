import { EventEmitter } from 'node:events';
import type { StandInApp } from './app.ts';
import type { Asked } from './asked.ts';
import { StandInContents, type ContentsHost } from './web-contents.ts';

interface Bounds { x: number; y: number; width: number; height: number }
interface WindowOptions extends Partial<Bounds> { webPreferences?: { preload?: string } }

export interface WindowInstance extends EventEmitter {
  readonly webContents: StandInContents;
  close(): Promise<void>;
}

/** The class `BrowserWindow` of one app; each window is a page. */
export function browserWindowClass(app: StandInApp, asked: Asked, hostFor: (preload: string | undefined) => ContentsHost): {
  new (options: WindowOptions): WindowInstance;
  getAllWindows(): WindowInstance[];
} {
  const windows = new Set<WindowInstance>();

  class StandInWindow extends EventEmitter implements WindowInstance {
    readonly webContents: StandInContents;
    readonly #bounds: Bounds;
    #maximized = false;
    #destroyed = false;

    constructor(options: WindowOptions) {
      super();
      asked.note('new BrowserWindow', options);
      this.#bounds = { x: options.x ?? 0, y: options.y ?? 0, width: options.width ?? 800, height: options.height ?? 600 };
      this.webContents = new StandInContents(hostFor(options.webPreferences?.preload));
      windows.add(this);
      app.emit('web-contents-created', {}, this.webContents);
    }

    static getAllWindows(): WindowInstance[] { return [...windows]; }

    async loadURL(address: string): Promise<void> {
      asked.note('loadURL', address);
      await this.webContents.load(address);
      this.emit('ready-to-show');
    }
    show(): void { asked.note('window.show'); }
    focus(): void { asked.note('window.focus'); }
    restore(): void { asked.note('window.restore'); }
    maximize(): void { this.#maximized = true; }
    isMaximized(): boolean { return this.#maximized; }
    isMinimized(): boolean { return false; }
    isDestroyed(): boolean { return this.#destroyed; }
    getNormalBounds(): Bounds { return this.#bounds; }
    destroy(): void { void this.#end(); }

    async close(): Promise<void> {
      if (this.#destroyed) return;
      this.emit('close', { preventDefault: () => undefined });
      await this.#end();
    }

    async #end(): Promise<void> {
      this.#destroyed = true;
      windows.delete(this);
      await this.webContents.destroy();
      this.emit('closed');
      if (windows.size === 0) app.emit('window-all-closed');
    }
  }

  app.closeWindows = async () => {
    for (const window of windows) await window.close();
  };
  return StandInWindow;
}
