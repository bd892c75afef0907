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
  readonly #send: (message: FromWorker, socket?: Socket) => void;
  #isStopping = false;
  #hasTaken = false;
  /** a server that does not listen does not count them */
  readonly #connections = new Set<Socket>();

  constructor(app: FastifyInstance, send: (message: FromWorker, socket?: Socket) => void) {
    this.#app = app;
    this.#send = send;
    app.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      // it may still be here when its client resets it: sockets leave one after the other
      socket.on('error', () => socket.destroy());
      // what leaves is never closed here
      this.#connections.delete(socket);
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
    this.#hasTaken = true;
    this.#connections.add(socket);
    socket.once('close', () => { this.#connections.delete(socket); });
    // as a server's own connections are: a client may close its side once it has asked
    socket.allowHalfOpen = true;
    this.#app.server.emit('connection', socket);
    this.#send({ t: 'accepted' });
  }

  /** A connection was sent before this: without a file descriptor left it did not arrive, which the node has to be told. */
  sent(): void {
    if (!this.#hasTaken) this.#send({ t: 'refused' });
    this.#hasTaken = false;
  }

  /** Answers what is under way, within `deadlineMs`, closes all connections, and ends what the app has begun. */
  async stop(inFlight: RequestCount, deadlineMs: number): Promise<void> {
    this.#isStopping = true;
    const { server } = this.#app;
    server.closeIdleConnections();
    await inFlight.none(AbortSignal.timeout(deadlineMs));
    const end = performance.now() + lastAnswersMs;
    while (performance.now() < end && this.#connections.size > 0) {
      server.closeIdleConnections();
      await pause(lookAgainMs, AbortSignal.timeout(lookAgainMs));
    }
    server.closeAllConnections();
    await this.#app.close();
  }
}
