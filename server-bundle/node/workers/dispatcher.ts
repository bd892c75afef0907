import type { Server, ServerResponse, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Worker } from './worker.ts';

/**
 * Accepts the connections of a node and gives each to one worker, in turn. This process holds the port, so that nobody else gets it while a
 * worker is replaced, and keeps a connection until its worker has said that it has it, so that none is lost with a worker. While there is no worker it serves itself.
 */
export class Dispatcher {
  readonly #workers: () => readonly Worker[];
  readonly #serveHere: (socket: Socket) => void;
  readonly #mostWaiting: number;
  readonly #waiting: Socket[] = [];
  #turn = 0;

  /** @param workers that may be given clients now @param mostWaiting connections that no worker has taken yet: further ones are closed */
  constructor(server: Server, workers: () => readonly Worker[], mostWaiting: number) {
    this.#workers = workers;
    this.#mostWaiting = mostWaiting;
    const here = server.listeners('connection') as ((socket: Socket) => void)[];
    this.#serveHere = (socket) => {
      for (const listener of here) listener.call(server, socket);
      socket.resume();
    };
    // what a client sends is read by the process that serves it
    Object.assign(server, { pauseOnConnect: true });
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => { this.#take(socket); });
    // clients that came while there was no worker come again, to one
    server.prependListener('request', (_request: IncomingMessage, response: ServerResponse) => {
      if (this.#workers().length > 0) response.shouldKeepAlive = false;
    });
  }

  #take(socket: Socket): void {
    socket.on('error', ignore);
    if (this.#waiting.length >= this.#mostWaiting) {
      socket.destroy();
      return;
    }
    this.#waiting.push(socket);
    this.#hand();
  }

  #hand(): void {
    for (;;) {
      const [socket] = this.#waiting;
      if (socket === undefined) return;
      const workers = this.#workers();
      const worker = this.#next(workers);
      if (workers.length > 0 && worker === undefined) return;
      this.#waiting.shift();
      if (socket.destroyed) continue;
      if (worker === undefined) {
        socket.off('error', ignore);
        this.#serveHere(socket);
      } else {
        void this.#give(socket, worker);
      }
    }
  }

  /** The next one in turn that is not about to take another; it does not matter how busy it is, only that it answers. */
  #next(workers: readonly Worker[]): Worker | undefined {
    for (let step = 1; step <= workers.length; step += 1) {
      const worker = workers[(this.#turn + step) % workers.length];
      if (worker === undefined || worker.isTaking) continue;
      this.#turn = (this.#turn + step) % workers.length;
      return worker;
    }
    return undefined;
  }

  async #give(socket: Socket, worker: Worker): Promise<void> {
    // or Node.js would keep count of the sockets of other processes
    Object.assign(socket, { server: null });
    const accepted = await worker.hand(socket);
    if (accepted) socket.destroy();
    else this.#waiting.unshift(socket);
    this.#hand();
  }
}

/** A client that left before anybody served it. */
const ignore = (): void => undefined;
