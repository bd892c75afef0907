import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  readonly path: string;
  /** when the whole request was there, milliseconds of the monotonic clock */
  readonly at: number;
}

/** A receiver of webhooks on loopback. It answers what `answer` says: a status, or null for no answer at all. */
export class WebhookReceiver implements AsyncDisposable {
  readonly received: Received[] = [];
  /** decides over each request, after it was noted down */
  answer: (request: Received) => number | null | Promise<number | null> = () => 204;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<WebhookReceiver> {
    const server = createServer();
    const receiver = new WebhookReceiver(server);
    server.on('request', (request, response) => {
      void (async () => {
        const chunks: Buffer[] = [];
        for await (const chunk of request) chunks.push(chunk as Buffer);
        const received = { headers: request.headers, body: Buffer.concat(chunks).toString('utf8'), path: request.url ?? '', at: performance.now() };
        receiver.received.push(received);
        const status = await receiver.answer(received);
        if (status !== null) response.writeHead(status, status >= 300 && status < 400 ? { location: '/elsewhere' } : {}).end();
      })().catch(() => { response.destroy(); });
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${String((this.#server.address() as AddressInfo).port)}/hook`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => { this.#server.close(resolve); });
  }
}
