import { toClient, type ToClient, type ToControl, type Wire } from './wire.ts';

/** What a page sends and receives: the page is always the client side of the wire. */
export type PageWire = Wire<ToControl, ToClient>;

/**
 * The one object that the desktop's preload puts on the page, as `window.bulkhead`.
 * Each `open()` is a wire of its own; the control room ends it when the page goes away.
 */
export interface DesktopBridge {
  open(): PageWire;
}

/** Path of the console's WebSocket, on the page's own origin. Messages are JSON texts, one message each. */
export const consoleWirePath = '/wire';
/** `GET` answers 204 to a browser that the console knows and 401 to any other: tells "not authorized" from "gone". */
export const consoleSessionPath = '/session';

/** What is taken from the browser's `window`; passed in, so that this file needs no DOM. */
export interface PageWindow {
  readonly bulkhead?: DesktopBridge;
  readonly location: { readonly protocol: string; readonly host: string };
}

/** Which shell shows this page. */
export function shellOfPage(page: PageWindow): 'desktop' | 'console' {
  return page.bulkhead === undefined ? 'console' : 'desktop';
}

/**
 * Opens the wire of a page: `window.bulkhead` in the desktop, else the WebSocket of the console.
 *
 * @param page the browser's `window`
 * @returns a wire that is open
 * @throws Error when the console does not answer or refuses; ask `consoleSessionPath` which of the two it is
 */
export function openPageWire(page: PageWindow): Promise<PageWire> {
  if (page.bulkhead !== undefined) return Promise.resolve(page.bulkhead.open());
  const scheme = page.location.protocol === 'https:' ? 'wss:' : 'ws:';
  return openSocketWire(`${scheme}//${page.location.host}${consoleWirePath}`);
}

function openSocketWire(address: string): Promise<PageWire> {
  const socket = new WebSocket(address);
  const wire: PageWire = {
    send: (message) => {
      // A message for a closed wire is dropped here: `onClose` has told the client that its calls have failed.
      if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
    },
    onMessage: (listener) => {
      const heard = (event: { data: unknown }): void => {
        if (typeof event.data === 'string') listener(toClient.parse(JSON.parse(event.data)));
      };
      socket.addEventListener('message', heard);
      return () => socket.removeEventListener('message', heard);
    },
    onClose: (listener) => {
      const heard = (): void => listener();
      socket.addEventListener('close', heard, { once: true });
      return () => socket.removeEventListener('close', heard);
    },
  };
  return new Promise((resolve, reject) => {
    socket.addEventListener('open', () => resolve(wire), { once: true });
    socket.addEventListener('close', () => reject(new Error('The console closed the wire before it was open')), { once: true });
  });
}
