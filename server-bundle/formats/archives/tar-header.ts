export const blockBytes = 512;

/** One header block of a tar archive (POSIX.1-2017, pax, "ustar Interchange Format"). */
export interface TarHeader {
  readonly name: string;
  /** bytes of data that follow */
  readonly size: number;
  /** `file`: its data is a file's; `pax`, `long-name`: its data says more about the next header; `other`: nothing to read */
  readonly kind: 'file' | 'pax' | 'long-name' | 'other';
}

/** `end` for a block of zeros. @throws for what is no header */
export function parseTarHeader(block: Buffer): TarHeader | 'end' {
  if (block.every((byte) => byte === 0)) return 'end';
  if (octal(block.subarray(148, 156)) !== checksum(block)) throw new Error('a header has a wrong checksum');
  const size = sizeOf(block.subarray(124, 136));
  const prefix = block.toString('latin1', 257, 262) === 'ustar' && block[263] === 0x30 ? text(block.subarray(345, 500)) : '';
  const short = text(block.subarray(0, 100));
  const name = prefix === '' ? short : `${prefix}/${short}`;
  const type = String.fromCharCode(block[156] ?? 0);
  if (type === '0' || type === '\0' || type === '7') return { name, size, kind: 'file' };
  if (type === 'x') return { name, size, kind: 'pax' };
  if (type === 'L') return { name, size, kind: 'long-name' };
  // links, devices, folders: whatever size they claim, no data follows
  return { name, size: '123456'.includes(type) ? 0 : size, kind: 'other' };
}

/** `path` of a pax header's records (`length key=value\n`); undefined when it holds none. */
export function paxPath(records: Buffer): string | undefined {
  let path: string | undefined;
  for (let at = 0; at < records.length;) {
    const space = records.indexOf(0x20, at);
    const length = space === -1 ? 0 : Number(records.toString('latin1', at, space));
    if (!Number.isInteger(length) || length <= space - at || at + length > records.length) throw new Error('a pax header is broken');
    const record = records.toString('utf8', space + 1, at + length - 1);
    if (record.startsWith('path=')) path = record.slice('path='.length);
    at += length;
  }
  return path;
}

/** Data is padded to whole blocks. */
export function padded(size: number): number {
  return Math.ceil(size / blockBytes) * blockBytes;
}

export function text(field: Buffer): string {
  const end = field.indexOf(0);
  return field.toString('utf8', 0, end === -1 ? field.length : end);
}

function octal(field: Buffer): number {
  const digits = field.toString('latin1').replace(/[\0 ]+$/, '').trimStart();
  if (!/^[0-7]*$/.test(digits)) throw new Error('a header holds no number where one is needed');
  return digits === '' ? 0 : Number.parseInt(digits, 8);
}

/** Octal, or (GNU, for large files) binary behind a set first bit. */
function sizeOf(field: Buffer): number {
  if (((field[0] ?? 0) & 0x80) === 0) return octal(field);
  let size = BigInt((field[0] ?? 0) & 0x7f);
  for (const byte of field.subarray(1)) size = size * 256n + BigInt(byte);
  if (size > BigInt(Number.MAX_SAFE_INTEGER)) throw new Error('a file claims an impossible size');
  return Number(size);
}

function checksum(block: Buffer): number {
  let sum = 0;
  for (const [index, byte] of block.entries()) sum += index >= 148 && index < 156 ? 0x20 : byte;
  return sum;
}
