import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Whether a client has yet to fetch what was written for it: nothing may be under way on the connection any more, and still it is not idle. */
export function isFetching(socket: Socket): boolean {
  return socket.writableLength > 0;
}

/**
 * Lets answers be fetched to their end when a server closes its idle connections. For Node.js those are idle on which every answer was handed over, also when the client has
 * only got a part of it; they end when it has the rest.
 */
export function keepUnfetched(server: Server): void {
  const connections = new Set<Socket>();
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => { connections.delete(socket); });
  });
  const closeIdle = server.closeIdleConnections.bind(server);
  server.closeIdleConnections = () => {
    const fetching = [...connections].filter(isFetching);
    const idle: Socket[] = [];
    // only Node.js knows which it would take
    for (const socket of fetching) socket.destroy = () => { idle.push(socket); return socket; };
    try {
      closeIdle();
    } finally {
      for (const socket of fetching) Reflect.deleteProperty(socket, 'destroy');
    }
    for (const socket of idle) socket.destroySoon();
  };
}
