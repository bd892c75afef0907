import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';

/** An answer that is written past Fastify's streams. Header fields and status are those of `reply` when the first bytes are written. */
export class FileAnswer {
  readonly #reply: FastifyReply;
  readonly #raw: ServerResponse;

  constructor(reply: FastifyReply) {
    this.#reply = reply;
    this.#raw = reply.raw;
  }

  get begun(): boolean {
    return this.#reply.sent;
  }

  /** Resolves when the system has all of `bytes`, so that the buffer can be used again; false when the client has left, and nobody may touch the buffer any more. */
  write(bytes: Buffer): Promise<boolean> {
    const raw = this.#raw;
    this.#begin();
    if (raw.destroyed) return Promise.resolve(false);
    return new Promise((resolve) => {
      const left = (): void => { resolve(false); };
      raw.once('close', left);
      raw.write(bytes, (error) => {
        raw.off('close', left);
        resolve(error === undefined || error === null);
      });
    });
  }

  end(): void {
    this.#begin();
    this.#raw.end();
  }

  /** Ends the connection: the client sees a broken transfer. */
  breakOff(): void {
    this.#raw.destroy();
  }

  #begin(): void {
    if (this.begun) return;
    const raw = this.#raw;
    this.#reply.hijack();
    // whatever it says, `close` follows
    raw.once('error', () => undefined);
    if (!raw.destroyed) raw.writeHead(this.#reply.statusCode, this.#reply.getHeaders() as OutgoingHttpHeaders);
  }
}
