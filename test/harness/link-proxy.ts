import { connect, createServer, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

/**
 * A TCP proxy on loopback whose traffic can be held back: connections stay open and silent in both directions, as when a
 * network swallows packets. What was held back arrives after `resume`.
 */
export class LinkProxy implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #held = false;

  private constructor(server: Server) {
    this.#server = server;
  }

  /** @param targetPort on loopback; nobody needs to listen there yet */
  static async to(targetPort: number): Promise<LinkProxy> {
    const server = createServer();
    const proxy = new LinkProxy(server);
    server.on('connection', (client) => { proxy.#join(client, connect(targetPort, '127.0.0.1')); });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return `http://127.0.0.1:${String(address.port)}`;
  }

  #join(client: Socket, target: Socket): void {
    for (const [from, to] of [[client, target], [target, client]] as const) {
      this.#sockets.add(from);
      if (this.#held) from.pause();
      from.on('data', (chunk) => to.write(chunk));
      if (this.#held) from.pause();
      from.on('end', () => to.end());
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
    }
  }

  hold(): void {
    this.#held = true;
    for (const socket of this.#sockets) socket.pause();
  }

  resume(): void {
    this.#held = false;
    for (const socket of this.#sockets) socket.resume();
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
