import type { FastifyInstance } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { pause } from '../pause.ts';
import type { RequestCount } from '../in-flight.ts';
import type { FromWorker } from './messages.ts';

/** For answers that are on their way when everything is closed. */
const lastAnswersMs = 500;
const lookAgainMs = 20;

/** The HTTP server of a worker: it does not listen, its node's process gives it one connection after the other. */
export class WorkerServer {
  readonly #app: FastifyInstance;
  #isStopping = false;

  constructor(app: FastifyInstance, send: (message: FromWorker, socket?: Socket) => void) {
    this.#app = app;
    app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // it may still be here when its client resets it: sockets leave one after the other
      socket.on('error', () => socket.destroy());
      send({ t: 'mesh', request: { url: request.url ?? '/', headers: request.headers, head } }, socket);
    });
    app.server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
      if (this.#isStopping) response.shouldKeepAlive = false;
    });
  }

  async ready(): Promise<void> {
    await this.#app.ready();
    // Node.js begins to hold connections against its time limits when a server listens
    this.#app.server.emit('listening');
  }

  take(socket: Socket): void {
    // as a server's own connections are: a client may close its side once it has asked
    socket.allowHalfOpen = true;
    this.#app.server.emit('connection', socket);
  }

  /** Answers what is under way, within `deadlineMs`, and closes all connections. */
  async stop(inFlight: RequestCount, deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    const { server } = this.#app;
    server.closeIdleConnections();
    await inFlight.none(AbortSignal.timeout(deadlineMs));
    const end = performance.now() + lastAnswersMs;
    const connections = (): Promise<number> => new Promise((resolve) => { server.getConnections((error, count) => { resolve(error === null ? count : 0); }); });
    while (performance.now() < end && await connections() > 0) {
      server.closeIdleConnections();
      await pause(lookAgainMs, AbortSignal.timeout(lookAgainMs));
    }
    server.closeAllConnections();
  }
}
