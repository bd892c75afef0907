import { Readable } from 'node:stream';
import { BulkheadError } from '../../contract/index.ts';
import { parseJson } from '../../http/json-depth.ts';

/** What a client sends to publish, with the bytes of its tarball taken out. */
export interface PublishBody<T> {
  /** the JSON document; `data` of the tarball's attachment is an empty string in it */
  readonly document: unknown;
  /** undefined when no tarball is attached: a change of what is there already */
  readonly tarball: { readonly fileName: string; readonly kept: T } | undefined;
}

/** Most of the document beside the tarball, bytes. */
const maxDocument = 24 * 1024 * 1024;
const maxDepth = 128;
const maxKey = 4096;

const quote = 0x22;
const backslash = 0x5c;

interface Level { readonly kind: 'object' | 'array'; key: string | null; expectsKey: boolean }

/**
 * Reads the body of a publish as it arrives: JSON that holds the tarball as base64 in `_attachments.{file}.data`. The tarball is handed on
 * decoded, block by block, and the rest is kept: so a body may be far larger than what fits into memory.
 *
 * Only structure is followed here; whether the document is JSON is decided by the parser that reads it at the end.
 * @param keep takes the decoded bytes; called once at most
 * @throws BODY_INVALID, BODY_TOO_LARGE, and what `keep` and `chunks` fail with
 */
export async function readPublishBody<T>(chunks: AsyncIterable<Buffer>, keep: (fileName: string, bytes: Readable) => Promise<T>): Promise<PublishBody<T>> {
  const source = new ByteSource(chunks);
  const document = new Kept();
  const levels: Level[] = [];
  let tarball: PublishBody<T>['tarball'];
  while (source.ready || await source.more()) {
    const byte = source.take();
    document.add(byte);
    const level = levels.at(-1);
    if (byte === 0x7b || byte === 0x5b) {
      if (levels.length >= maxDepth) throw invalid(`it is nested more than ${String(maxDepth)} deep`);
      levels.push({ kind: byte === 0x7b ? 'object' : 'array', key: null, expectsKey: byte === 0x7b });
    } else if (byte === 0x7d || byte === 0x5d) {
      levels.pop();
    } else if (byte === 0x2c && level?.kind === 'object') {
      level.expectsKey = true;
    } else if (byte === quote) {
      if (level?.expectsKey === true) {
        level.key = keyOf(await readString(source, document, maxKey));
        level.expectsKey = false;
        continue;
      }
      const fileName = attachmentAt(levels);
      if (fileName === null) await readString(source, document, 0);
      else if (!fileName.endsWith('.tgz')) await skipString(source, document);
      else {
        if (tarball !== undefined) throw invalid('it has more than one tarball attached');
        tarball = { fileName, kept: await keep(fileName, Readable.from(decoded(source, document), { objectMode: false })) };
      }
    }
  }
  return { document: document.parsed(), tarball };
}

/** The file whose bytes the string that begins now holds; null for any other string. */
function attachmentAt(levels: readonly Level[]): string | null {
  const [root, attachments, file] = levels;
  if (levels.length !== 3 || root?.kind !== 'object' || root.key !== '_attachments' || attachments?.kind !== 'object') return null;
  return file?.kind === 'object' && file.key === 'data' ? attachments.key : null;
}

/** The rest of a string, closing quote included; its raw text, up to `wanted` bytes of it. */
async function readString(source: ByteSource, document: Kept, wanted: number): Promise<Buffer> {
  const raw: number[] = [];
  let escaped = false;
  while (source.ready || await source.more()) {
    const byte = source.take();
    document.add(byte);
    if (byte === quote && !escaped) return Buffer.from(raw);
    escaped = byte === backslash && !escaped;
    if (raw.length < wanted) raw.push(byte);
  }
  throw invalid('it ends in the middle of a string');
}

async function skipString(source: ByteSource, document: Kept): Promise<void> {
  let escaped = false;
  while (source.ready || await source.more()) {
    const byte = source.take();
    if (byte === quote && !escaped) {
      document.add(quote);
      return;
    }
    escaped = byte === backslash && !escaped;
  }
  throw invalid('it ends in the middle of a string');
}

/** The bytes behind the base64 of a string; ends with its closing quote, which it passes on to the document. */
async function* decoded(source: ByteSource, document: Kept): AsyncGenerator<Buffer> {
  let rest = '';
  for (let open = true; open;) {
    const piece = await source.upTo(quote);
    if (piece === undefined) throw invalid('it ends in the middle of the tarball');
    open = !piece.found;
    // a slash may be escaped
    const text = (rest + piece.bytes.toString('latin1')).replaceAll('\\/', '/');
    // the last group waits for what follows: it may be padded, or end in the middle of an escape
    const block = text.slice(0, open ? Math.max(0, text.length - (text.length % 4) - 4) : text.length);
    rest = text.slice(block.length);
    if (!/^[A-Za-z0-9+/]*$/.test(open ? block : block.replace(/={1,2}$/, ''))) throw invalid('the tarball is not base64');
    if (block.length > 0) yield Buffer.from(block, 'base64');
  }
  document.add(quote);
}

function keyOf(raw: Buffer): string | null {
  try {
    return JSON.parse(`"${raw.toString('utf8')}"`) as string;
  } catch {
    return null;
  }
}

class Kept {
  #bytes = Buffer.allocUnsafe(64 * 1024);
  #length = 0;

  add(byte: number): void {
    if (this.#length === maxDocument) throw new BulkheadError('BODY_TOO_LARGE', `The document beside the tarball has more than ${String(maxDocument)} bytes`);
    if (this.#length === this.#bytes.length) this.#bytes = Buffer.concat([this.#bytes], this.#length * 2);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  parsed(): unknown {
    try {
      return parseJson(this.#bytes.subarray(0, this.#length));
    } catch (error) {
      if (error instanceof BulkheadError) throw error;
      throw new BulkheadError('BODY_INVALID', 'The body is not valid JSON', { cause: error });
    }
  }
}

class ByteSource {
  readonly #chunks: AsyncIterator<Buffer>;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]();
  }

  /** whether `take` has something */
  get ready(): boolean {
    return this.#at < this.#chunk.length;
  }

  take(): number {
    const byte = this.#chunk[this.#at] ?? 0;
    this.#at += 1;
    return byte;
  }

  /** What has arrived, up to `byte`, which is passed over; undefined at the end. */
  async upTo(byte: number): Promise<{ readonly bytes: Buffer; readonly found: boolean } | undefined> {
    if (!this.ready && !await this.more()) return undefined;
    const end = this.#chunk.indexOf(byte, this.#at);
    const bytes = this.#chunk.subarray(this.#at, end < 0 ? this.#chunk.length : end);
    this.#at = end < 0 ? this.#chunk.length : end + 1;
    return { bytes, found: end >= 0 };
  }

  /** Waits for the next bytes; false at the end. */
  async more(): Promise<boolean> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
      this.#at = 0;
      if (next.value.length > 0) return true;
    }
  }
}

function invalid(reason: string): BulkheadError {
  return new BulkheadError('BODY_INVALID', `The body cannot be read: ${reason}`);
}
