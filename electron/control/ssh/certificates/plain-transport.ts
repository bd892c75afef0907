import { randomBytes } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { wireNumber } from '../wire.ts';

/** Lines that a host may say before it names its version; more is not SSH (RFC 4253, 4.2). */
const mostLines = 50;
/** of one packet, bytes (RFC 4253, 6.1) */
const mostBytes = 35_000;
/** lengths are multiples of it while nothing is encrypted */
const block = 8;

/** Packets of SSH as they travel before keys are agreed upon (RFC 4253, 4.2 and 6). */
export class PlainTransport {
  readonly #connection: Duplex;
  readonly #chunks: AsyncIterator<Buffer>;
  #read = Buffer.alloc(0);

  constructor(connection: Duplex) {
    this.#connection = connection;
    this.#chunks = connection[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  }

  /** Both sides say that they speak SSH. */
  async greet(): Promise<void> {
    this.#connection.write('SSH-2.0-Bulkhead\r\n');
    for (let lines = 0; lines < mostLines; lines += 1) {
      if (/^SSH-(2\.0|1\.99)-/.test(await this.#line())) return;
    }
    throw new Error('the host does not speak SSH');
  }

  send(payload: Buffer): void {
    const padding = block + (block - ((5 + payload.length) % block)) % block;
    this.#connection.write(Buffer.concat([wireNumber(1 + payload.length + padding), Buffer.from([padding]), payload, randomBytes(padding)]));
  }

  /** The payload of the next packet. */
  async packet(): Promise<Buffer> {
    const head = await this.#take(5);
    const [length, padding] = [head.readUInt32BE(), head.readUInt8(4)];
    if (length > mostBytes || length < padding + 2) throw new Error('the host does not speak SSH');
    return (await this.#take(length - 1)).subarray(0, length - 1 - padding);
  }

  async #line(): Promise<string> {
    let end: number;
    while ((end = this.#read.indexOf('\n')) < 0) await this.#more();
    return (await this.#take(end + 1)).toString('latin1').trimEnd();
  }

  async #take(count: number): Promise<Buffer> {
    while (this.#read.length < count) await this.#more();
    const taken = this.#read.subarray(0, count);
    this.#read = this.#read.subarray(count);
    return taken;
  }

  async #more(): Promise<void> {
    const next = await this.#chunks.next();
    if (next.done === true) throw new Error('the host closed the connection');
    if (this.#read.length + next.value.length > 4 * mostBytes) throw new Error('the host does not speak SSH');
    this.#read = Buffer.concat([this.#read, next.value]);
  }
}
