import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { BulkheadError, type ErrorCode } from '../contract/index.ts';
import { errorDocument } from './error-mapping.ts';

/** What Node's parser complains about, in our registry; everything else is REQUEST_INVALID. */
const parserCodes: Record<string, ErrorCode> = {
  HPE_HEADER_OVERFLOW: 'HEADERS_TOO_LARGE',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'HEADERS_TOO_LARGE',
  ERR_HTTP_REQUEST_TIMEOUT: 'REQUEST_TIMEOUT',
};

/** Complete answer for a connection that has no request to answer. */
export function rawAnswer(error: BulkheadError): string {
  const body = JSON.stringify(errorDocument(error));
  return `HTTP/1.1 ${String(error.status)} ${STATUS_CODES[error.status] ?? 'Error'}\r\n`
    + 'Content-Type: application/json; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n'
    + `Content-Length: ${String(Buffer.byteLength(body))}\r\n\r\n${body}`;
}

/**
 * Answers what never became a request. Where a request is under way on the connection, its own handler sees the broken
 * body and its own log line tells of it.
 *
 * @param underWay whether a request of this connection is being handled
 */
export function answerClientError(log: Logger, underWay: (socket: Socket) => boolean): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (socket.destroyed) return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    const answer = new BulkheadError(parserCodes[error.code ?? ''] ?? 'REQUEST_INVALID');
    if (underWay(socket)) {
      socket.destroy(error);
      return;
    }
    log.info({ status: answer.status, code: answer.code, parser: error.code, address: socket.remoteAddress }, 'bad request');
    socket.end(rawAnswer(answer), () => socket.destroy());
  };
}
