import type { IpcMain, IpcMainEvent, WebContents } from 'electron';
import { serve, toControl, type Handlers, type ToClient, type ToControl } from '../../contract/index.ts';
import { channels } from './channels.ts';
import { isTrustedSender } from './security.ts';

/** How many wires one page may hold; a page of ours holds one. */
const wireLimit = 8;

interface OpenWire {
  receive(message: ToControl): void;
  end(): void;
}

export interface IpcWireOptions {
  readonly handlers: Handlers;
  readonly onInternalError: (operation: string, error: unknown) => void;
  /** told of each message that was not accepted, with the reason */
  readonly onRefused: (reason: string) => void;
}

/**
 * Serves the contract to the windows. Each channel checks its sender and its arguments; whatever is not ours is
 * dropped and reported. The wires of a page end with the page.
 */
export function serveIpcWires(ipcMain: IpcMain, options: IpcWireOptions): void {
  const pages = new Map<number, Map<number, OpenWire>>();

  const wiresOf = (contents: WebContents): Map<number, OpenWire> => {
    const known = pages.get(contents.id);
    if (known !== undefined) return known;
    const wires = new Map<number, OpenWire>();
    pages.set(contents.id, wires);
    const endAll = (): void => {
      for (const wire of wires.values()) wire.end();
      wires.clear();
    };
    contents.on('did-navigate', endAll);
    contents.on('render-process-gone', endAll);
    contents.once('destroyed', () => {
      endAll();
      pages.delete(contents.id);
    });
    return wires;
  };

  /** Listens on a channel, for trusted senders with a proper wire number only. */
  const listen = (channel: string, act: (contents: WebContents, wire: number, message: unknown) => void): void => {
    ipcMain.on(channel, (event: IpcMainEvent, wire: unknown, message: unknown) => {
      if (!isTrustedSender(event.senderFrame)) return options.onRefused(`${channel}: sender is not one of our screens`);
      if (typeof wire !== 'number' || !Number.isSafeInteger(wire)) return options.onRefused(`${channel}: not a wire`);
      act(event.sender, wire, message);
    });
  };

  listen(channels.open, (contents, wire) => {
    const wires = wiresOf(contents);
    if (wires.has(wire) || wires.size >= wireLimit) options.onRefused(`${channels.open}: too many wires, or open already`);
    else wires.set(wire, openWire(contents, wire, options));
  });
  listen(channels.send, (contents, wire, message) => {
    const parsed = toControl.safeParse(message);
    if (parsed.success) wiresOf(contents).get(wire)?.receive(parsed.data);
    else options.onRefused(`${channels.send}: not a message of the contract`);
  });
  listen(channels.close, (contents, wire) => {
    const wires = wiresOf(contents);
    wires.get(wire)?.end();
    wires.delete(wire);
  });
}

function openWire(contents: WebContents, wire: number, options: IpcWireOptions): OpenWire {
  const messageListeners = new Set<(message: ToControl) => void>();
  const closeListeners = new Set<() => void>();
  const tell = (channel: string, message?: ToClient): void => {
    if (!contents.isDestroyed()) contents.send(channel, wire, message);
  };
  serve(options.handlers, {
    send: (message) => tell(channels.message, message),
    onMessage: (listener) => added(messageListeners, listener),
    onClose: (listener) => added(closeListeners, listener),
    close: () => tell(channels.closed),
  }, { caller: 'desktop', onInternalError: options.onInternalError });
  return {
    receive: (message) => messageListeners.forEach((listener) => listener(message)),
    end: () => closeListeners.forEach((listener) => listener()),
  };
}

function added<T>(listeners: Set<T>, listener: T): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
