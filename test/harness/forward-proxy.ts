import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A forward proxy on loopback as companies have them: tunnels (CONNECT) to TLS ports only, plain requests in absolute form. */
export class ForwardProxy implements AsyncDisposable {
  /** first lines of the requests, in order */
  readonly asked: string[] = [];
  /** it resolves names that nobody else knows: name → port on loopback */
  readonly names = new Map<string, number>();
  /** `Proxy-Authorization` that it wants; null: it lets everybody through */
  login: string | null = null;
  /** ports that tunnels may go to */
  readonly tlsPorts = new Set<number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  private constructor() {
    this.#server = createServer((asked, answer) => {
      this.asked.push(`${asked.method ?? ''} ${asked.url ?? ''}`);
      if (this.#refuses(asked)) {
        answer.writeHead(407, { 'proxy-authenticate': 'Basic realm="proxy"' }).end();
        return;
      }
      const target = URL.parse(asked.url ?? '');
      if (target?.protocol !== 'http:') {
        answer.writeHead(400).end();
        return;
      }
      const port = this.names.get(target.hostname) ?? Number(target.port);
      const passed = request({ host: '127.0.0.1', port, method: asked.method, path: target.pathname + target.search, headers: asked.headers }, (got) => {
        answer.writeHead(got.statusCode ?? 502, got.headers);
        got.pipe(answer);
      });
      passed.on('error', () => { answer.writeHead(502).end(); });
      asked.pipe(passed);
    });
    this.#server.on('connection', (socket) => { this.#keep(socket); });
    this.#server.on('connect', (asked, socket: Socket) => {
      this.asked.push(`CONNECT ${asked.url ?? ''}`);
      if (this.#refuses(asked)) {
        socket.end('HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm="proxy"\r\n\r\n');
        return;
      }
      const { hostname, port: written } = new URL(`http://${asked.url ?? ''}`);
      const port = this.names.get(hostname) ?? Number(written);
      if (!this.tlsPorts.has(port)) {
        socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
        return;
      }
      const upstream = connect(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      this.#keep(upstream);
      upstream.on('error', () => { socket.destroy(); });
      socket.on('error', () => { upstream.destroy(); });
    });
  }

  static async start(): Promise<ForwardProxy> {
    const proxy = new ForwardProxy();
    await new Promise<void>((resolve) => { proxy.#server.listen(0, '127.0.0.1', resolve); });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}`;
  }

  #refuses({ headers }: IncomingMessage): boolean {
    return this.login !== null && headers['proxy-authorization'] !== this.login;
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.once('close', () => { this.#sockets.delete(socket); });
    socket.on('error', () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
