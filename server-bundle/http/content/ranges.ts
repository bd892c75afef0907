import { randomBytes } from 'node:crypto';
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
  /** the body, one after the other: parts of the content, and what stands between them */
  readonly segments: readonly (ByteRange | Buffer)[];

  constructor(ranges: readonly ByteRange[], size: number, mimeType: string) {
    const boundary = `bulkhead-${randomBytes(12).toString('hex')}`;
    this.contentType = `multipart/byteranges; boundary=${boundary}`;
    const headOf = (range: ByteRange): Buffer => Buffer.from(`\r\n--${boundary}\r\nContent-Type: ${mimeType}\r\nContent-Range: ${contentRange(range, size)}\r\n\r\n`);
    this.segments = [...ranges.flatMap((range) => [headOf(range), range]), Buffer.from(`\r\n--${boundary}--\r\n`)];
    this.length = this.segments.reduce((sum, each) => sum + (Buffer.isBuffer(each) ? each.length : each.end - each.start + 1), 0);
  }
}
