import type { ToClient, ToControl, Wire } from './wire.ts';

export interface WirePair {
  /** the end for `connect` */
  readonly client: Wire<ToControl, ToClient>;
  /** the end for `serve` */
  readonly control: Wire<ToClient, ToControl>;
  /** Ends both; listeners of `onClose` hear it once. */
  close(): void;
}

/** Two connected wires inside one process, for the CLI and for tests. Messages are copied, as any other wire would do. */
export function createWirePair(): WirePair {
  const closing = new Set<() => void>();
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    for (const listener of closing) queueMicrotask(listener);
  };
  const toControl = createLane<ToControl>(() => open);
  const toClient = createLane<ToClient>(() => open);
  const onClose = (listener: () => void): (() => void) => {
    if (!open) queueMicrotask(listener);
    closing.add(listener);
    return () => closing.delete(listener);
  };
  return {
    client: { send: toControl.send, onMessage: toClient.onMessage, onClose, close },
    control: { send: toClient.send, onMessage: toControl.onMessage, onClose, close },
    close,
  };
}

interface Lane<T> {
  readonly send: (message: T) => void;
  readonly onMessage: (listener: (message: T) => void) => () => void;
}

/** One direction. Keeps order, delivers asynchronously, and holds what comes before there is a listener. */
function createLane<T>(isOpen: () => boolean): Lane<T> {
  const listeners = new Set<(message: T) => void>();
  const waiting: T[] = [];
  const deliver = (): void => {
    while (isOpen() && listeners.size > 0) {
      const message = waiting.shift();
      if (message === undefined) return;
      for (const listener of listeners) listener(message);
    }
  };
  return {
    send(message) {
      if (!isOpen()) return;
      waiting.push(structuredClone(message));
      queueMicrotask(deliver);
    },
    onMessage(listener) {
      listeners.add(listener);
      queueMicrotask(deliver);
      return () => listeners.delete(listener);
    },
  };
}
