import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import parseRange from 'range-parser';

export interface ByteRange { readonly start: number; readonly end: number }

/** More parts than this (after overlapping ones were joined) are answered with the whole content. */
const maxParts = 32;

/** More than these are not even looked at: to sort and join thousands costs more than the answer. */
const maxAskedParts = 256;

function partsIn(header: string): number {
  let parts = 1;
  for (let at = header.indexOf(','); at >= 0 && parts <= maxAskedParts; at = header.indexOf(',', at + 1)) parts += 1;
  return parts;
}

/** The ranges to answer; `whole` when the header is to be ignored, `none` when nothing of it lies within the content. */
export function requestedRanges(header: string | undefined, size: number): readonly ByteRange[] | 'whole' | 'none' {
  if (header === undefined || partsIn(header) > maxAskedParts) return 'whole';
  const parsed = parseRange(size, header, { combine: true });
  if (parsed === -1) return 'none';
  if (parsed === -2 || parsed.type !== 'bytes' || parsed.length > maxParts) return 'whole';
  return parsed.map(({ start, end }) => ({ start, end }));
}

export function contentRange({ start, end }: ByteRange, size: number): string {
  return `bytes ${String(start)}-${String(end)}/${String(size)}`;
}

/** Several ranges as one `multipart/byteranges` body (RFC 9110, section 14.6). */
export class MultipartRanges {
  readonly contentType: string;
  /** bytes of the whole body */
  readonly length: number;
  readonly #parts: readonly { readonly head: Buffer; readonly range: ByteRange }[];
  readonly #tail: Buffer;

  constructor(ranges: readonly ByteRange[], size: number, mimeType: string) {
    const boundary = `bulkhead-${randomBytes(12).toString('hex')}`;
    this.contentType = `multipart/byteranges; boundary=${boundary}`;
    this.#parts = ranges.map((range) => ({
      range, head: Buffer.from(`\r\n--${boundary}\r\nContent-Type: ${mimeType}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`),
    }));
    this.#tail = Buffer.from(`\r\n--${boundary}--\r\n`);
    this.length = this.#parts.reduce((sum, { head, range }) => sum + head.length + range.end - range.start + 1, this.#tail.length);
  }

  body(open: (range: ByteRange) => Promise<Readable>): Readable {
    const parts = this.#parts;
    const tail = this.#tail;
    return Readable.from((async function* (): AsyncGenerator<Buffer> {
      for (const { head, range } of parts) {
        yield head;
        yield* await open(range) as AsyncIterable<Buffer>;
      }
      yield tail;
    })(), { objectMode: false });
  }
}
