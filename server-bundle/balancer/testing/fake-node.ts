import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What a node saw of a request. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** Stands in for a node: it answers pings, and everything else as the test says. */
export class FakeNode {
  readonly nodeId: string;
  readonly seen: Seen[] = [];
  ping: 200 | 503 | 'silent' = 200;
  #server: Server | undefined;
  readonly #sockets = new Set<Socket>();
  readonly #open = new Set<ServerResponse>();
  #port = 0;
  #handler: Handler;

  private constructor(nodeId: string, handler: Handler) {
    this.nodeId = nodeId;
    this.#handler = handler;
  }

  static async start(nodeId: string, handler?: Handler): Promise<FakeNode> {
    const node = new FakeNode(nodeId, handler ?? ((request, response) => {
      request.resume();
      request.on('end', () => response.end(nodeId));
    }));
    await node.restart();
    return node;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  handle(handler: Handler): void {
    this.#handler = handler;
  }

  /** Ends every answer that is still open, with a last piece. */
  finish(last: string): void {
    for (const response of this.#open) response.end(last);
  }

  /** As SIGKILL: the port is refused and every connection is reset at once. */
  kill(): void {
    this.#server?.close();
    this.#server = undefined;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  async restart(): Promise<void> {
    const server = createServer((request, response) => {
      if (request.url === '/artifactory/api/system/ping') {
        if (this.ping !== 'silent') response.writeHead(this.ping).end('OK');
        return;
      }
      this.#open.add(response);
      response.on('close', () => this.#open.delete(response));
      this.seen.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers });
      this.#handler(request, response);
    });
    server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    server.listen(this.#port, '127.0.0.1');
    await once(server, 'listening');
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  [Symbol.dispose](): void {
    this.kill();
  }
}
