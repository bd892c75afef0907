import { STATUS_CODES, createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { BulkheadError } from '../contract/index.ts';
import type { Balancing } from './balancing.ts';
import { answerError, errorDocument } from './error-answer.ts';
import { Exchange } from './exchange.ts';
import { isInternal, originForm } from './request-target.ts';

/** The server that clients talk to. Not listening yet. */
export function clientServer(balancing: Balancing): Server {
  const { limits } = balancing.config;
  const exchanges = new WeakMap<Duplex, Exchange>();
  const server = createServer({
    insecureHTTPParser: false,
    requireHostHeader: true,
    maxHeaderSize: limits.maxHeaderBytes,
    headersTimeout: limits.headersTimeoutMs,
    // a large upload may take as long as it keeps moving: see the idle time-out
    requestTimeout: 0,
    keepAliveTimeout: limits.idleTimeoutMs,
    connectionsCheckingInterval: Math.min(1000, limits.headersTimeoutMs),
  }, (request, response) => {
    const path = accept(request, response);
    if (path === null) return;
    const exchange = new Exchange(balancing, request, response, path);
    exchanges.set(request.socket, exchange);
    balancing.totals.inFlight += 1;
    void exchange.run().finally(() => {
      balancing.totals.inFlight -= 1;
      if (exchanges.get(request.socket) === exchange) exchanges.delete(request.socket);
    });
  });
  server.maxConnections = limits.maxConnections;
  server.setTimeout(limits.idleTimeoutMs, (socket) => {
    if (exchanges.get(socket)?.waitsForNode !== true) socket.destroy();
  });
  server.on('clientError', refuseUnreadable);
  return server;
}

/** The path to send on; null when the request has been answered already. */
function accept(request: IncomingMessage, response: ServerResponse): string | null {
  // the parser refuses Content-Length beside Transfer-Encoding and repeated lengths; other codings would be read differently behind us
  const coding = request.headers['transfer-encoding'];
  if (coding !== undefined && (coding.trim().toLowerCase() !== 'chunked' || request.httpVersion === '1.0')) {
    answerError(response, new BulkheadError('HEADER_INVALID', 'The only transfer coding taken is chunked'), { connection: 'close' });
    return null;
  }
  const path = originForm(request.url ?? '');
  if (path === null) {
    answerError(response, new BulkheadError('PATH_INVALID'), { connection: 'close' });
    return null;
  }
  if (isInternal(path)) {
    answerError(response, new BulkheadError('ROUTE_NOT_FOUND', 'The balancer does not pass this on: it is between the nodes and those who run them', { hint: 'Ask a node at its own address.' }), { connection: 'close' });
    return null;
  }
  return path;
}

/** Requests that the parser gave up on: nothing of them has reached a node. */
function refuseUnreadable(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const tooLong = error.code === 'HPE_HEADER_OVERFLOW';
  const late = error.code === 'ERR_HTTP_REQUEST_TIMEOUT';
  // a client that opened it in advance takes an answer for that of the request which it is just sending; a closed connection it tries again
  if (late && 'bytesRead' in socket && socket.bytesRead === 0) {
    socket.destroy();
    return;
  }
  const status = tooLong ? 431 : late ? 408 : 400;
  const body = errorDocument(new BulkheadError('HEADER_INVALID', late ? 'The request headers did not come in time' : undefined), status);
  socket.end(
    `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\nContent-Type: application/json\r\nContent-Length: ${String(Buffer.byteLength(body))}\r\nConnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
