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

/** How the request under way on a connection can still be answered. */
export type UnderWay = 'none' | 'unanswered' | 'answering';

/**
 * Answers what never became a request, and a body that broke before its handler had begun to answer. The handler sees the
 * connection end, stores nothing, and its own log line tells of it.
 *
 * @param underWay what is being handled on the connection
 */
export function answerClientError(log: Logger, underWay: (socket: Socket) => UnderWay): (error: NodeJS.ErrnoException, socket: Socket) => void {
  return (error, socket) => {
    if (socket.destroyed) return;
    if (error.code === 'ECONNRESET' || !socket.writable) {
      socket.destroy();
      return;
    }
    // opened in advance and never used: who is just sending a request would take an answer for its own; a closed connection it tries again
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) {
      socket.destroy();
      return;
    }
    const state = underWay(socket);
    if (state === 'answering') {
      socket.destroy(error);
      return;
    }
    const answer = new BulkheadError(state === 'unanswered' ? 'BODY_TRUNCATED' : parserCodes[error.code ?? ''] ?? 'REQUEST_INVALID');
    if (state === 'none') log.info({ status: answer.status, code: answer.code, parser: error.code, address: socket.remoteAddress }, 'bad request');
    socket.end(rawAnswer(answer), () => socket.destroy());
  };
}
