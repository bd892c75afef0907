import { BulkheadError } from '../../contract/index.ts';

export interface TarEntry {
  /** with "/" between its parts */
  readonly path: string;
  /** bytes */
  readonly size: number;
  readonly isFile: boolean;
  /** the content, when `wanted` said so; null otherwise */
  readonly content: Buffer | null;
}

export interface TarLimits {
  readonly entries: number;
  /** of the whole archive, unpacked; bytes */
  readonly bytes: number;
}

const block = 512;
/** Longest extended header, bytes. */
const maxExtended = 64 * 1024;

/**
 * Entries of a tar archive (POSIX.1-2001 ustar and pax, and GNU's long names), one after the other. Content that nobody wants is passed
 * over as it arrives; nothing is ever held beyond one wanted entry.
 * @param wanted the most bytes that are wanted of an entry; 0: none. A larger entry is PACKAGE_INVALID
 * @throws PACKAGE_INVALID for what is no archive, ends early or exceeds the limits, and what `chunks` fails with
 */
export async function* tarEntries(chunks: AsyncIterable<Buffer>, limits: TarLimits, wanted: (path: string) => number): AsyncGenerator<TarEntry> {
  const input = new ByteReader(chunks, limits.bytes);
  let extended = new Map<string, string>();
  for (let count = 0; ; count += 1) {
    if (count > limits.entries) throw unfit(`has more than ${String(limits.entries)} entries`);
    const header = await input.take(block);
    // an archive ends with two empty blocks; some tools leave them out
    if (header === null || header.every((byte) => byte === 0)) return;
    requireChecksum(header);
    const type = String.fromCharCode(header[156] ?? 0);
    const size = extended.has('size') && !isExtension(type) ? Number(extended.get('size')) : octal(header, 124, 12);
    if (!Number.isSafeInteger(size) || size < 0) throw unfit('holds an entry of an impossible size');
    const padding = (block - (size % block)) % block;
    if (isExtension(type)) {
      if (size > maxExtended) throw unfit('holds an extended header that is too long');
      const content = await input.all(size);
      await input.pass(padding);
      if (type === 'x') extended = new Map([...extended, ...paxRecords(content)]);
      if (type === 'L') extended.set('path', text(content, 0, content.length));
      continue;
    }
    const path = extended.get('path') ?? [text(header, 345, 155), text(header, 0, 100)].filter((part) => part !== '').join('/');
    const isFile = type === '0' || type === '\0' || type === '7';
    const most = isFile ? wanted(path) : 0;
    if (most > 0 && size > most) throw unfit(`holds a file '${path.slice(0, 200)}' that is larger than ${String(most)} bytes`);
    const content = most > 0 ? await input.all(size) : null;
    await input.pass(content === null ? size + padding : padding);
    extended = new Map();
    yield { path, size, isFile, content };
  }
}

const isExtension = (type: string): boolean => 'xgLKX'.includes(type);

function requireChecksum(header: Buffer): void {
  let sum = 8 * 0x20;
  for (const [at, byte] of header.entries()) if (at < 148 || at >= 156) sum += byte;
  if (octal(header, 148, 8) !== sum) throw unfit('is not a tar archive');
}

function octal(header: Buffer, at: number, length: number): number {
  // GNU: base 256 for what does not fit
  if (((header[at] ?? 0) & 0x80) !== 0) return header.readUIntBE(at + length - 6, 6);
  const digits = text(header, at, length).trim();
  return digits === '' ? 0 : /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

function text(bytes: Buffer, at: number, length: number): string {
  const part = bytes.subarray(at, at + length);
  const end = part.indexOf(0);
  return part.subarray(0, end < 0 ? part.length : end).toString('utf8');
}

/** `{length} {key}={value}\n`, again and again. */
function paxRecords(content: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < content.length;) {
    const space = content.indexOf(0x20, at);
    const length = space < 0 ? Number.NaN : Number(content.subarray(at, space).toString('latin1'));
    if (!Number.isInteger(length) || length <= space - at || at + length > content.length) throw unfit('holds a broken extended header');
    const record = content.subarray(space + 1, at + length - 1).toString('utf8');
    const equals = record.indexOf('=');
    if (equals > 0) records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #limit: number;
  #rest: Buffer = Buffer.alloc(0);
  #received = 0;

  constructor(chunks: AsyncIterable<Buffer>, limit: number) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#limit = limit;
  }

  /** Exactly `count` bytes; null at the end. */
  async take(count: number): Promise<Buffer | null> {
    if (this.#rest.length === 0 && !await this.#more()) return null;
    return this.all(count);
  }

  async all(count: number): Promise<Buffer> {
    const parts: Buffer[] = [];
    for (let missing = count; missing > 0;) {
      if (this.#rest.length === 0 && !await this.#more()) throw unfit('ends in the middle of an entry');
      const part = this.#rest.subarray(0, missing);
      parts.push(part);
      missing -= part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
  }

  async pass(count: number): Promise<void> {
    for (let missing = count; missing > 0;) {
      if (this.#rest.length === 0 && !await this.#more()) throw unfit('ends in the middle of an entry');
      const passed = Math.min(missing, this.#rest.length);
      missing -= passed;
      this.#rest = this.#rest.subarray(passed);
    }
  }

  async #more(): Promise<boolean> {
    for (;;) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#received += next.value.length;
      if (this.#received > this.#limit) throw unfit(`is larger than ${String(this.#limit)} bytes when unpacked`);
      this.#rest = next.value;
      if (next.value.length > 0) return true;
    }
  }
}

function unfit(what: string): BulkheadError {
  return new BulkheadError('PACKAGE_INVALID', `The archive ${what}`, { details: { reason: what } });
}
