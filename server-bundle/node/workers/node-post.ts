import type { Socket } from 'node:net';
import type { FromWorker, ToWorker } from './messages.ts';

/** A worker's way to its node. */
export interface NodePost {
  /** @param socket a connection that is the node's from then on */
  send(message: FromWorker, socket?: Socket): void;
  receive(take: (message: ToWorker, socket: Socket | undefined) => void): void;
}

const parentCheckMs = 500;

/**
 * The channel that this process was started with. A worker does not outlive its node: when the channel ends, or this process gets another
 * parent, it ends at once, without a chance to answer anything more. Signals are for the node, which decides what becomes of its workers.
 *
 * @throws when this process was not started as a worker
 */
export function nodePost(): NodePost {
  if (process.send === undefined || !process.connected) throw new Error('bulkhead-node starts its workers by itself: use `serve`');
  const parent = process.ppid;
  const endHere = (): void => { process.kill(process.pid, 'SIGKILL'); };
  process.once('disconnect', endHere);
  setInterval(() => { if (process.ppid !== parent) endHere(); }, parentCheckMs).unref();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  const send = process.send.bind(process);
  return {
    send: (message, socket) => {
      if (socket === undefined) send(message, undefined, undefined, () => undefined);
      else send(message, Object.assign(socket, { server: null }), undefined, () => undefined);
    },
    receive: (take) => {
      process.on('message', (message, socket) => { take(message as ToWorker, socket as Socket | undefined); });
    },
  };
}
