import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How many connections of one address are looked at for one that can go. */
const lookedAt = 256;

/**
 * Bounds the connections of a server. One too many is never simply refused, or whoever opens enough of them shuts out everybody else, health checks too: the
 * address that holds most of them loses its oldest one on which nothing is under way.
 *
 * @param isBusy whether a request is under way on a connection
 */
export function limitConnections(server: Server, most: number, isBusy: (socket: Socket) => boolean): void {
  const byAddress = new Map<string, Set<Socket>>();
  let count = 0;
  server.on('connection', (socket) => {
    const address = socket.remoteAddress ?? '';
    const own = byAddress.get(address) ?? new Set();
    byAddress.set(address, own.add(socket));
    count += 1;
    socket.once('close', () => {
      count -= 1;
      own.delete(socket);
      if (own.size === 0 && byAddress.get(address) === own) byAddress.delete(address);
    });
    if (count > most) (idleOf(byAddress, isBusy) ?? socket).destroy();
  });
}

function idleOf(byAddress: ReadonlyMap<string, ReadonlySet<Socket>>, isBusy: (socket: Socket) => boolean): Socket | undefined {
  let largest: ReadonlySet<Socket> = new Set();
  for (const sockets of byAddress.values()) if (sockets.size > largest.size) largest = sockets;
  let looked = 0;
  for (const socket of largest) {
    looked += 1;
    if (looked > lookedAt) return undefined;
    if (!socket.destroyed && !isBusy(socket)) return socket;
  }
  return undefined;
}
