import { connect, type Socket } from 'node:net';

export type RawAnswer =
  /** body: its beginning */
  | { readonly kind: 'answer'; readonly status: number; readonly head: string; readonly body: Buffer }
  /** the connection ended without one */
  | { readonly kind: 'closed'; readonly reused: boolean }
  /** nothing within the time */
  | { readonly kind: 'silent' };

const keptOfBody = 64 * 1024;

/** One connection at a time, used again as long as the server keeps it; no request is refused for what is in it. */
export class RawConnection {
  readonly #port: number;
  readonly #silenceMs: number;
  #socket: Socket | undefined;
  #used = 0;

  constructor(port: number, silenceMs = 90_000) {
    this.#port = port;
    this.#silenceMs = silenceMs;
  }

  /** @param end sends nothing after the bytes, and says so */
  async ask(bytes: Buffer, method: string, end: boolean): Promise<RawAnswer> {
    const first = await this.#exchange(bytes, method, end);
    // the server may have closed an idle connection in the same moment
    return first.kind === 'closed' && first.reused ? this.#exchange(bytes, method, end) : first;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #connect(): Socket {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    // what breaks between two uses is noticed at the next one
    socket.on('error', () => undefined).on('end', () => { socket.destroy(); });
    this.#used = 0;
    return socket;
  }

  async #exchange(bytes: Buffer, method: string, end: boolean): Promise<RawAnswer> {
    const reused = this.#socket?.writable === true && !this.#socket.destroyed;
    const socket = reused ? this.#socket! : this.#connect();
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<RawAnswer>();
    const reader = new AnswerReader(method === 'HEAD');
    const done = (answer: RawAnswer, keep: boolean): void => {
      if (!keep) this.close();
      resolve(answer);
    };
    const ended = (): void => {
      const status = reader.status;
      done(status === undefined ? { kind: 'closed', reused: reused && this.#used > 0 } : { kind: 'answer', status, head: reader.head, body: reader.body }, false);
    };
    const onData = (chunk: Buffer): void => {
      if (!reader.take(chunk)) return;
      done({ kind: 'answer', status: reader.status!, head: reader.head, body: reader.body }, reader.keeps && !end);
    };
    const timer = setTimeout(() => { done({ kind: 'silent' }, false); }, this.#silenceMs);
    socket.on('data', onData).on('end', ended).on('close', ended).on('error', ended);
    if (end) socket.end(bytes);
    else socket.write(bytes);
    const answer = await promise;
    clearTimeout(timer);
    socket.off('data', onData).off('end', ended).off('close', ended).off('error', ended);
    this.#used += 1;
    return answer;
  }
}

/** Reads one answer (RFC 9112, section 6) out of what arrives. */
class AnswerReader {
  status: number | undefined;
  head = '';
  body: Buffer = Buffer.alloc(0);
  keeps = true;
  readonly #headOnly: boolean;
  #pending: Buffer = Buffer.alloc(0);
  /** bytes of the body still to come; -1: until the last chunk; -2: until the end of the connection */
  #left = 0;

  constructor(headOnly: boolean) {
    this.#headOnly = headOnly;
  }

  /** @returns whether the answer is complete */
  take(chunk: Buffer): boolean {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.status === undefined) {
      const end = this.#pending.indexOf('\r\n\r\n');
      if (end < 0) return false;
      this.head = this.#pending.toString('latin1', 0, end);
      this.#pending = this.#pending.subarray(end + 4);
      const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(this.head)?.[1] ?? 0);
      if (status >= 100 && status < 200) continue;
      this.status = status;
      this.keeps = !/^connection: *close/im.test(this.head);
      const length = /^content-length: *(\d+)/im.exec(this.head)?.[1];
      this.#left = this.#headOnly || status === 204 || status === 304 ? 0 : length !== undefined ? Number(length) : /^transfer-encoding: *chunked/im.test(this.head) ? -1 : -2;
      if (this.#left === -2) this.keeps = false;
    }
    return this.#left === -1 ? this.#takeChunks() : this.#takeLength();
  }

  #takeLength(): boolean {
    this.#keep(this.#pending);
    if (this.#left >= 0) this.#left -= this.#pending.length;
    this.#pending = Buffer.alloc(0);
    return this.#left <= 0 && this.#left !== -2;
  }

  #takeChunks(): boolean {
    for (;;) {
      const line = this.#pending.indexOf('\r\n');
      if (line < 0) return false;
      const size = Number.parseInt(this.#pending.toString('latin1', 0, line), 16);
      const end = line + 2 + size + 2;
      if (Number.isNaN(size) || this.#pending.length < end) return false;
      this.#keep(this.#pending.subarray(line + 2, line + 2 + size));
      this.#pending = this.#pending.subarray(end);
      if (size === 0) return true;
    }
  }

  #keep(bytes: Buffer): void {
    if (this.body.length < keptOfBody) this.body = Buffer.concat([this.body, bytes.subarray(0, keptOfBody - this.body.length)]);
  }
}
