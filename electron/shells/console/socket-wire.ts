import type { WebSocket } from 'ws';
import { toControl, type ToClient, type ToControl, type Wire } from '../../contract/index.ts';

/** Bytes that may wait for a slow browser before streams pause, and before the browser counts as lost. */
const pauseAbove = 1_048_576;
const loseAbove = 33_554_432;

/** The control room's end of a browser's WebSocket. Whatever is not a message of the contract ends the connection. */
export function socketWire(socket: WebSocket): Wire<ToClient, ToControl> {
  return {
    send: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > loseAbove) socket.terminate();
      else socket.send(JSON.stringify(message));
    },
    onMessage: (listener) => {
      const heard = (data: Buffer, isBinary: boolean): void => {
        const message = isBinary ? null : parsed(data.toString('utf8'));
        if (message === null) socket.close(1008, 'not a message of the contract');
        else listener(message);
      };
      socket.on('message', heard);
      return () => socket.off('message', heard);
    },
    onClose: (listener) => {
      socket.once('close', listener);
      return () => socket.off('close', listener);
    },
    close: () => socket.close(1001),
    drained: () => drained(socket),
  };
}

function parsed(text: string): ToControl | null {
  try {
    return toControl.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function drained(socket: WebSocket): Promise<void> {
  while (socket.readyState === socket.OPEN && socket.bufferedAmount > pauseAbove) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
