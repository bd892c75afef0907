import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startOnElectron } from './real-electron.ts';
import { startOnStandIn } from './stand-in-host.ts';

/** A running desktop, as a test sees it. */
export interface DesktopHost {
  /** Value of an expression in the page. */
  evaluate<T>(expression: string): Promise<T>;
  /** Resolves once an expression in the page is true. */
  waitFor(expression: string): Promise<void>;
  screenshot(path: string): Promise<void>;
  /** Chooses an item of the application menu. */
  clickMenu(id: string): Promise<void>;
  /** Quits as the menu would; resolves to the exit code. */
  quit(): Promise<number>;
  /** Ends what is left, whatever state it is in. */
  end(): Promise<void>;
}

export interface DesktopOptions {
  /** `out/main/desktop.js`, or the checkout that has it */
  readonly root: string;
  /** home of everything the app writes */
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Path of the real binary, where it is and can run: it needs a display, and not root. */
export function electronBinary(root: string): string | null {
  const folder = join(root, 'node_modules', 'electron');
  const named = join(folder, 'path.txt');
  if (!existsSync(named) || process.geteuid?.() === 0) return null;
  if (process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']) return null;
  const binary = join(folder, 'dist', readFileSync(named, 'utf8'));
  return existsSync(binary) ? binary : null;
}

/** Starts the built desktop: on the real Electron where it is, else on the stand-in. */
export function startDesktop(options: DesktopOptions): Promise<DesktopHost> {
  const binary = electronBinary(options.root);
  return binary === null ? startOnStandIn(options) : startOnElectron(binary, options);
}
