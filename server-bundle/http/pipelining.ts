import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Requests that may wait on one connection behind the answer under way. Real clients send none or a few. */
const mostWaiting = 64;

/**
 * Bounds what one connection can pile up: a client that sends request after request and reads no answer has one piece of memory taken for each of them. One too many
 * ends the connection.
 *
 * @returns whether the request's connection was ended
 */
export function limitPipelining(): (request: IncomingMessage, response: ServerResponse) => boolean {
  const waiting = new WeakMap<Socket, number>();
  return ({ socket }, response) => {
    // an answer that is next has the connection already
    if (response.socket !== null) return false;
    const count = (waiting.get(socket) ?? 0) + 1;
    if (count > mostWaiting) {
      socket.destroy();
      return true;
    }
    waiting.set(socket, count);
    response.once('close', () => { waiting.set(socket, (waiting.get(socket) ?? 1) - 1); });
    return false;
  };
}
