import { contextBridge, ipcRenderer, type IpcRendererEvent } from 'electron';
import type { DesktopBridge, PageWire, ToClient, ToControl } from '../../../contract/index.ts';
import { channels } from '../channels.ts';

/** Runs sandboxed, before each page. It gives the page one object, with one function: a wire to the control room. */
const bridge: DesktopBridge = { open: openWire };
contextBridge.exposeInMainWorld('bulkhead', bridge);

let lastWire = 0;

function openWire(): PageWire {
  lastWire += 1;
  const wire = lastWire;
  ipcRenderer.send(channels.open, wire);
  return {
    send: (message) => {
      if (!isMessage(message)) throw new TypeError('Not a message of the contract');
      ipcRenderer.send(channels.send, wire, message);
    },
    onMessage: (listener) => listenOn(channels.message, wire, (message) => {
      if (isMessage(message)) listener(message as ToClient);
    }),
    onClose: (listener) => listenOn(channels.closed, wire, () => listener()),
    close: () => ipcRenderer.send(channels.close, wire),
  };
}

function listenOn(channel: string, wire: number, listener: (message: unknown) => void): () => void {
  const heard = (_event: IpcRendererEvent, forWire: unknown, message: unknown): void => {
    if (forWire === wire) listener(message);
  };
  ipcRenderer.on(channel, heard);
  return () => ipcRenderer.off(channel, heard);
}

/** The outline of a message. The whole of it is parsed where it is acted upon: in the control room and by the client. */
function isMessage(message: unknown): message is ToControl | ToClient {
  if (typeof message !== 'object' || message === null) return false;
  return 'kind' in message && typeof message.kind === 'string' && 'id' in message && Number.isSafeInteger(message.id);
}
