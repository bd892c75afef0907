import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { BulkheadError } from '../contract/index.ts';
import { rawAnswer } from './client-errors.ts';

/** Below this pace, counted over a whole idle period, a body is a trickle that only holds a connection. Bytes per second. */
const slowestBody = 64;

interface OpenRequest {
  readonly socket: Socket;
  /** null: the request is complete, and its answer is being fetched */
  readonly under: { readonly request: IncomingMessage; readonly response: ServerResponse } | null;
  /** bytes of the connection when they were last looked at */
  read: number;
  written: number;
  /** how long the client has moved nothing, milliseconds; pauses of our own do not count */
  stillMs: number;
}

/**
 * Cuts off clients that hold a connection without moving: a body that does not come, or an answer that is not fetched. A
 * request that waits for *us* is never cut, and neither is a long upload that moves.
 *
 * @param idleMs a client has to move something within this time
 * @returns what watches an answer that `app` is not told of, until what that returns is called
 */
export function limitSockets(app: FastifyInstance, idleMs: number): (socket: Socket) => () => void {
  const server: Server = app.server;
  const open = new Set<OpenRequest>();
  const watch = (socket: Socket, under: OpenRequest['under']): () => void => {
    const entry: OpenRequest = { socket, under, read: socket.bytesRead, written: sent(socket), stillMs: 0 };
    open.add(entry);
    return () => { open.delete(entry); };
  };
  server.on('request', (request: IncomingMessage, response: ServerResponse) => { response.once('close', watch(request.socket, { request, response })); });
  const everyMs = Math.max(250, idleMs / 4);
  let last = performance.now();
  const timer = setInterval(() => {
    const now = performance.now();
    // when we stood still ourselves, what the client has moved meanwhile was not looked at yet: that time is not its own
    inspect(open, idleMs, Math.min(now - last, everyMs));
    last = now;
  }, everyMs);
  timer.unref();
  app.addHook('onClose', () => {
    clearInterval(timer);
  });
  return (socket) => watch(socket, null);
}

function inspect(open: ReadonlySet<OpenRequest>, idleMs: number, passedMs: number): void {
  for (const entry of open) {
    entry.stillMs += passedMs;
    if (entry.stillMs < idleMs) continue;
    const { socket, under } = entry;
    const arrived = socket.bytesRead - entry.read;
    const waitsForBody = under !== null && !under.request.complete && under.request.readableLength < under.request.readableHighWaterMark;
    const waitsForReader = socket.writableLength > 0 && sent(socket) === entry.written;
    if (waitsForBody && arrived < (slowestBody * idleMs) / 1000) cut(under, new BulkheadError('REQUEST_TIMEOUT'));
    else if (waitsForReader) socket.destroy();
    else Object.assign(entry, { read: socket.bytesRead, written: sent(socket), stillMs: 0 });
  }
}

/** Bytes that the kernel has taken: what Node.js counts as written includes a single large buffer from its first byte on. */
function sent(socket: Socket): number {
  const { _handle: handle } = socket as { _handle?: { readonly writeQueueSize?: number } | null };
  return socket.bytesWritten - (handle?.writeQueueSize ?? 0);
}

function cut({ request, response }: NonNullable<OpenRequest['under']>, error: BulkheadError): void {
  if (!response.headersSent && request.socket.writable) request.socket.write(rawAnswer(error));
  request.socket.destroySoon();
  request.destroy();
}
