import { randomBytes } from 'node:crypto';
import { open, unlink, type FileHandle } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

/** A client's request body as the balancer can send it on. */
export interface RequestBody {
  /** bytes; null when only the end of the stream will tell */
  readonly length: number | null;
  /** true when it can be sent more than once */
  readonly replayable: boolean;
  /** What to send; a new one for each attempt, `count` hears of each piece. A streamed body that nobody has begun to read is still whole. */
  open(count: (bytes: number) => void): Readable | Buffer | null;
  /** Frees memory and file; harmless when called twice. */
  close(): Promise<void>;
}

export interface BodyLimits {
  readonly bufferedBodyBytes: number;
  readonly bufferedInMemoryBytes: number;
}

const nothing: RequestBody = { length: 0, replayable: true, open: () => null, close: () => Promise.resolve() };

/**
 * Takes a body in. One that may be sent again (`replay`) and is small enough is read to its end first; any other is streamed.
 * Rejects when the client goes away or breaks its own framing.
 */
export async function takeBody(request: IncomingMessage, replay: boolean, limits: BodyLimits): Promise<RequestBody> {
  const header = request.headers['content-length'];
  const chunked = request.headers['transfer-encoding'] !== undefined;
  if (!chunked && (header === undefined || Number(header) === 0)) return nothing;
  const declared = chunked ? null : Number(header);
  if (!replay || (declared !== null && declared > limits.bufferedBodyBytes)) return streamed(request, declared);
  const buffer = new BodyBuffer(request, declared, limits);
  await buffer.fill();
  return buffer;
}

/** The request's bytes; ending this reader early leaves the request itself alone, so that it can still be answered. */
const bytesOf = (request: IncomingMessage): AsyncIterable<Buffer> => request.iterator({ destroyOnReturn: false });

function streamed(request: IncomingMessage, length: number | null): RequestBody {
  return { length, replayable: false, open: (count) => counted(bytesOf(request), count), close: () => Promise.resolve() };
}

function counted(source: AsyncIterable<Buffer>, count: (bytes: number) => void): Readable {
  async function* pieces(): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      count(piece.length);
      yield piece;
    }
  }
  return Readable.from(pieces(), { objectMode: false });
}

/** Memory first, then an unlinked file; past the limit the remainder stays in the request and the body can be sent once only. */
class BodyBuffer implements RequestBody {
  readonly #request: IncomingMessage;
  readonly #limits: BodyLimits;
  readonly #declared: number | null;
  #inMemory: Buffer[] = [];
  #size = 0;
  #file: FileHandle | undefined;
  #overflowed = false;

  constructor(request: IncomingMessage, declared: number | null, limits: BodyLimits) {
    this.#request = request;
    this.#declared = declared;
    this.#limits = limits;
  }

  get length(): number | null {
    return this.#overflowed ? this.#declared : this.#size;
  }

  get replayable(): boolean {
    return !this.#overflowed;
  }

  async fill(): Promise<void> {
    try {
      for await (const chunk of bytesOf(this.#request)) {
        await this.#append(chunk);
        if (this.#size > this.#limits.bufferedBodyBytes) {
          this.#overflowed = true;
          return;
        }
      }
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  open(count: (bytes: number) => void): Readable | Buffer {
    if (this.#file !== undefined || this.#overflowed) return counted(this.#read(), count);
    count(this.#size);
    return Buffer.concat(this.#inMemory, this.#size);
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#inMemory = [];
    await file?.close();
  }

  async #append(chunk: Buffer): Promise<void> {
    if (this.#file === undefined && this.#size + chunk.length <= this.#limits.bufferedInMemoryBytes) {
      this.#inMemory.push(chunk);
      this.#size += chunk.length;
      return;
    }
    if (this.#file === undefined) {
      this.#file = await unlinkedFile();
      await this.#file.writeFile(Buffer.concat(this.#inMemory, this.#size));
      this.#inMemory = [];
    }
    await this.#file.writeFile(chunk);
    this.#size += chunk.length;
  }

  async *#read(): AsyncGenerator<Buffer> {
    yield* this.#inMemory;
    const file = this.#file;
    for (let position = 0; file !== undefined && position < this.#size;) {
      const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(64 * 1024), 0, Math.min(64 * 1024, this.#size - position), position);
      if (bytesRead === 0) throw new Error('the buffered body is shorter than what was written');
      position += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if (this.#overflowed) yield* bytesOf(this.#request);
  }
}

/** A file without a name: nobody else can open it, and a crash leaves nothing behind. */
async function unlinkedFile(): Promise<FileHandle> {
  const path = join(tmpdir(), `bulkhead-body-${randomBytes(12).toString('hex')}`);
  const file = await open(path, 'wx+', 0o600);
  await unlink(path);
  return file;
}
