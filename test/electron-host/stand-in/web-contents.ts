import { EventEmitter } from 'node:events';
import type { BrowserContext, Frame, Page, Route } from 'playwright-core';
import { toApp, toPage } from './addresses.ts';
import { bindingName } from './preload-host.ts';
import type { StandInSession } from './session.ts';

/** What the preload's host in the page sends. */
export type FromPage =
  | { kind: 'document' }
  | { kind: 'exposed'; name: string; keys: string[] }
  | { kind: 'send'; channel: string; args: unknown[] };

export interface ContentsHost {
  readonly context: BrowserContext;
  readonly session: StandInSession;
  readonly preload: string;
  protocolHandler(): ((request: Request) => Promise<Response>) | null;
  onMessage(contents: StandInContents, frame: Frame, message: FromPage): void;
}

interface InputEvent { type: string; keyCode: string; modifiers?: string[] }

let lastId = 0;

/** Electron's WebContents over a page of Chromium. */
export class StandInContents extends EventEmitter {
  readonly id = ++lastId;
  readonly #host: ContentsHost;
  readonly complaints: string[] = [];
  #pressed: Promise<void> = Promise.resolve();
  #page: Promise<Page>;
  #openHandler: (details: { url: string }) => { action: string } = () => ({ action: 'allow' });
  #destroyed = false;
  /** addresses that the app itself loads: no `will-navigate` for those */
  readonly #ownLoads = new Set<string>();
  #delivery: Promise<unknown> = Promise.resolve();

  constructor(host: ContentsHost) {
    super();
    this.#host = host;
    this.#page = this.#newPage();
  }

  page(): Promise<Page> { return this.#page; }
  isDestroyed(): boolean { return this.#destroyed; }
  setWindowOpenHandler(handler: (details: { url: string }) => { action: string }): void { this.#openHandler = handler; }

  async load(address: string): Promise<void> {
    this.#ownLoads.add(toPage(address));
    await (await this.#page).goto(toPage(address));
  }

  /** Messages arrive in order; a page that is gone gets none. */
  send(channel: string, ...args: unknown[]): void {
    const copy = structuredClone(args);
    this.#delivery = this.#delivery.then(async () => {
      await (await this.#page).evaluate(
        ([name, parts]) => (globalThis as unknown as Record<symbol, (name: unknown, parts: unknown) => void>)[Symbol.for('electron-stand-in')]?.(name, parts),
        [channel, copy] as const,
      );
    }).catch(() => undefined);
  }

  reload(): void {
    this.#page = this.#page.then(async (page) => {
      const address = page.url();
      // a page whose process died stays dead in playwright: Electron starts a new process behind the same window
      const fresh = await this.#newPage();
      this.#ownLoads.add(address);
      await fresh.goto(address);
      await page.close().catch(() => undefined);
      return fresh;
    });
  }

  sendInputEvent(event: InputEvent): void {
    const modifiers = (event.modifiers ?? []).map((name) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`);
    if (event.type !== 'keyDown') return;
    // one after the other: a press holds its modifiers for a moment, and letting them go would take them from the next one
    this.#pressed = this.#pressed.then(async () => (await this.#page).keyboard.press([...modifiers, event.keyCode.toLowerCase()].join('+'))).catch(() => undefined);
  }

  async destroy(): Promise<void> {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.emit('destroyed');
    await (await this.#page).close().catch(() => undefined);
  }

  async #newPage(): Promise<Page> {
    const page = await this.#host.context.newPage();
    await page.exposeBinding(bindingName, ({ frame }, message: FromPage) => {
      if (message.kind === 'document') this.emit('did-navigate', {}, toApp(frame.url()));
      else this.#host.onMessage(this, frame, message);
    });
    await page.addInitScript(this.#host.preload);
    await page.route('**/*', (route) => this.#answer(route));
    page.on('popup', (popup) => {
      const { action } = this.#openHandler({ url: toApp(popup.url()) });
      this.emit('stand-in:popup', action);
      if (action === 'deny') void popup.close();
    });
    page.on('crash', () => this.emit('render-process-gone', {}, { reason: 'crashed', exitCode: 1 }));
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => { if (message.type() === 'error') this.complaints.push(message.text()); });
    return page;
  }

  async #answer(route: Route): Promise<void> {
    const request = route.request();
    const url = toApp(request.url());
    if (request.isNavigationRequest() && !this.#ownLoads.delete(request.url()) && this.#preventsNavigation(url, request.frame())) return route.abort('aborted');
    if (await this.#host.session.isCancelled(url)) return route.abort('blockedbyclient');
    const handler = this.#host.protocolHandler();
    if (!url.startsWith('app:') || handler === null) return route.abort('failed');
    const response = await handler(new Request(url, { method: request.method() }));
    return route.fulfill({ status: response.status, headers: Object.fromEntries(response.headers), body: Buffer.from(await response.arrayBuffer()) });
  }

  #preventsNavigation(url: string, frame: Frame): boolean {
    let prevented = false;
    const isMainFrame = frame.parentFrame() === null;
    const event = { url, isMainFrame, preventDefault: () => { prevented = true; } };
    this.emit('will-frame-navigate', event);
    if (isMainFrame) this.emit('will-navigate', event);
    return prevented;
  }
}
