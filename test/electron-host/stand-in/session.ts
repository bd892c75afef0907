import { EventEmitter } from 'node:events';
import type { Asked } from './asked.ts';

type Callback = (answer: { cancel?: boolean }) => void;
type PermissionRequest = (contents: unknown, permission: string, callback: (granted: boolean) => void, details: object) => void;

/** Electron's default session: keeps the handlers that the app sets, so that pages and tests really meet them. */
export class StandInSession extends EventEmitter {
  readonly #asked: Asked;
  #permissionRequest: PermissionRequest | null = null;
  #permissionCheck: ((...args: unknown[]) => boolean) | null = null;
  #device: ((details: object) => boolean) | null = null;
  #beforeRequest: ((details: { url: string }, callback: Callback) => void) | null = null;

  constructor(asked: Asked) {
    super();
    this.#asked = asked;
  }

  setPermissionRequestHandler(handler: PermissionRequest): void { this.#permissionRequest = handler; }
  setPermissionCheckHandler(handler: (...args: unknown[]) => boolean): void { this.#permissionCheck = handler; }
  setDevicePermissionHandler(handler: (details: object) => boolean): void { this.#device = handler; }
  setDisplayMediaRequestHandler(): void { this.#asked.note('session.setDisplayMediaRequestHandler'); }
  setSpellCheckerEnabled(enabled: boolean): void { this.#asked.note('session.setSpellCheckerEnabled', enabled); }

  readonly webRequest = {
    onBeforeRequest: (handler: (details: { url: string }, callback: Callback) => void): void => { this.#beforeRequest = handler; },
  };

  /** What the app answers to a page that asks for a permission in each of the three ways; true where it set no handler, as Electron does. */
  async permission(name: string): Promise<boolean[]> {
    const requested = new Promise<boolean>((resolve) => {
      if (this.#permissionRequest === null) resolve(true);
      else this.#permissionRequest(null, name, resolve, {});
    });
    return [await requested, this.#permissionCheck?.(null, name, 'app://bulkhead', {}) ?? true, this.#device?.({ deviceType: name }) ?? true];
  }

  async isCancelled(url: string): Promise<boolean> {
    const handler = this.#beforeRequest;
    if (handler === null) return false;
    const answer = await new Promise<{ cancel?: boolean }>((resolve) => handler({ url }, resolve));
    return answer.cancel === true;
  }
}
