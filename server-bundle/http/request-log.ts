import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { nobody } from './authentication.ts';

/** One request that is over, answered or not. */
export interface FinishedRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  /** pattern of the route; null when there is none */
  readonly route: string | null;
  /** HTTP status; 499 when the client left before the answer was complete */
  readonly status: number;
  readonly seconds: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Calls `finished` exactly once, when the connection has nothing more to do with the request. */
export function watchRequest(
  request: FastifyRequest, reply: FastifyReply, route: string | null, finished: (request: FinishedRequest) => void,
): void {
  const start = process.hrtime.bigint();
  const { socket } = request.raw;
  const before = { read: socket.bytesRead, written: socket.bytesWritten };
  reply.raw.once('close', () => {
    finished({
      request,
      reply,
      route,
      status: reply.raw.writableFinished ? reply.raw.statusCode : 499,
      seconds: Number(process.hrtime.bigint() - start) / 1e9,
      bytesIn: Math.max(socket.bytesRead - before.read, received(request)),
      // what waited in the connection counts as written, until the connection breaks: the number may fall
      bytesOut: Math.max(0, socket.bytesWritten - before.written),
    });
  });
}

/** Bytes of the body, once it is complete: small ones arrive in one piece with the headers, before anybody can look at the socket. */
function received({ raw, headers }: FastifyRequest): number {
  return raw.complete ? Number(headers['content-length'] ?? 0) : 0;
}

/**
 * One structured line for each request; balancers ask for the health so often that good news of it is for debugging only. Never holds query strings, headers or bodies: they may carry credentials.
 * What went wrong inside is on the same line, with its cause, and nowhere else.
 */
export function requestLine(log: Logger, everyRequest: boolean): (finished: FinishedRequest) => void {
  return ({ request, status, seconds, bytesIn, bytesOut }) => {
    const { failure } = request;
    // a node that only says that it does not serve now (503 without a cause) has nothing to complain about
    const inside = failure !== null && failure.status >= 500 && (failure.status !== 503 || failure.cause !== undefined);
    if (!everyRequest && !inside) return;
    const line = {
      reqId: request.id,
      method: request.method,
      // npm's logout has the token in the address
      path: request.originalUrl.split('?', 1)[0]?.replace(/bhk_[\w-]+/g, 'bhk_…'),
      status,
      ms: Math.round(seconds * 1e4) / 10,
      bytesIn,
      bytesOut,
      user: request.principal === nobody ? null : request.principal.name,
      address: request.clientAddress,
      ...(failure === null ? {} : { code: failure.code }),
      ...(inside ? { reason: failure.message, err: failure.cause } : {}),
    };
    if (failure?.code === 'INTERNAL') log.error(line, 'request');
    else if (inside) log.warn(line, 'request');
    else if (request.routeOptions.config.always === true && status < 400) log.debug(line, 'request');
    else log.info(line, 'request');
  };
}
