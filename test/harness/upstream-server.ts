import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** A real HTTP server on loopback that stands for a repository elsewhere: what is at a path is a body, or a function that answers. */
export class UpstreamServer implements AsyncDisposable {
  /** `METHOD /path` of every request, in order */
  readonly asked: string[] = [];
  readonly headers: IncomingMessage['headers'][] = [];
  /** before the contents: answers instead of them when it is set */
  before: ((request: IncomingMessage, response: ServerResponse) => boolean) | null = null;
  readonly #contents = new Map<string, Buffer | Handler>();
  readonly #server: Server;
  #port = 0;

  private constructor() {
    this.#server = createServer((request, response) => {
      const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
      this.asked.push(`${request.method ?? ''} ${path}`);
      this.headers.push(request.headers);
      if (this.before?.(request, response) === true) return;
      const content = this.#contents.get(decodeURIComponent(path));
      if (content === undefined) response.writeHead(404).end();
      else if (Buffer.isBuffer(content)) response.writeHead(200, { 'content-length': content.length }).end(request.method === 'HEAD' ? undefined : content);
      else void Promise.resolve(content(request, response)).catch(() => { response.destroy(); });
    });
  }

  static async start(): Promise<UpstreamServer> {
    const upstream = new UpstreamServer();
    await upstream.listen();
    return upstream;
  }

  get port(): number {
    return this.#port;
  }

  get url(): string {
    return `http://127.0.0.1:${String(this.#port)}`;
  }

  /** @param path begins with "/" */
  set(path: string, content: Buffer | string | Handler): void {
    this.#contents.set(path, typeof content === 'string' ? Buffer.from(content) : content);
  }

  remove(path: string): void {
    this.#contents.delete(path);
  }

  /** How often a path was asked for. */
  count(path: string, method = 'GET'): number {
    return this.asked.filter((each) => each === `${method} ${path}`).length;
  }

  /** Begins, or begins again at the same port. */
  async listen(): Promise<void> {
    await new Promise<void>((resolve) => { this.#server.listen(this.#port, '127.0.0.1', resolve); });
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends as a host ends: connections break, new ones are refused. */
  async vanish(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.vanish();
  }
}
