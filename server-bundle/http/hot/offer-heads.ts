import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { takeHeads, type TakeHead } from './request-heads.ts';
import { tryHeads } from './try-heads.ts';

/**
 * Offers the heads of all requests to `take`, once it has been tried that this Node.js allows it. The first connection begins the trial, so that it holds up no
 * start; until it is over, and when it fails, all requests go the documented way.
 */
export function offerHeads(server: Server, take: TakeHead, log: Logger): void {
  const offer = (socket: Socket): void => { takeHeads(socket, take, server.keepAliveTimeout + server.keepAliveTimeoutBuffer); };
  let waiting: Set<Socket> | null = new Set();
  let begun = false;
  const begin = async (): Promise<void> => {
    const allowed = await tryHeads();
    const open = waiting ?? [];
    waiting = null;
    if (!allowed) {
      log.warn({ node: process.versions.node }, 'this Node.js keeps its connections in another way than is known: files in memory are answered the slower way');
      return;
    }
    for (const socket of open) offer(socket);
    server.on('connection', offer);
  };
  const wait = (socket: Socket): void => {
    if (waiting === null) {
      server.off('connection', wait);
      return;
    }
    waiting.add(socket);
    socket.once('close', () => waiting?.delete(socket));
    if (begun) return;
    begun = true;
    void begin();
  };
  server.on('connection', wait);
}
