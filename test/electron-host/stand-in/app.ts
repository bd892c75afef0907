import { EventEmitter } from 'node:events';
import type { Asked } from './asked.ts';

/** Electron's `app`: its life from start to quit. */
export class StandInApp extends EventEmitter {
  readonly isPackaged = false;
  readonly #asked: Asked;
  readonly #userData: string;
  readonly #hasLock: boolean;
  readonly #ready = Promise.withResolvers<void>();
  #isReady = false;
  /** set by whoever makes windows: closes all of them, in order */
  closeWindows: () => Promise<void> = () => Promise.resolve();

  constructor(asked: Asked, userData: string, hasLock: boolean) {
    super();
    this.#asked = asked;
    this.#userData = userData;
    this.#hasLock = hasLock;
  }

  becomeReady(): void {
    this.#isReady = true;
    this.#asked.note('ready');
    this.emit('ready');
    this.#ready.resolve();
  }

  isReady(): boolean { return this.#isReady; }
  whenReady(): Promise<void> { return this.#ready.promise; }
  enableSandbox(): void { this.#asked.note('app.enableSandbox'); }
  getPath(_name: string): string { return this.#userData; }
  requestSingleInstanceLock(): boolean {
    this.#asked.note('app.requestSingleInstanceLock');
    return this.#hasLock;
  }

  quit(): void {
    const event = { prevented: false, preventDefault: () => { event.prevented = true; } };
    this.emit('before-quit', event);
    if (event.prevented) return;
    void this.closeWindows().then(() => {
      this.emit('will-quit', { preventDefault: () => undefined });
      this.exit(0);
    });
  }

  exit(code: number): void {
    this.emit('quit', {}, code);
    this.emit('stand-in:exit', code);
  }
}
