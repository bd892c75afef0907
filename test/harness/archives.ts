import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** An entry as it is to stand in an archive, however wrong. */
export interface MadeEntry {
  readonly name: string;
  readonly content?: Buffer | string;
  /** of Unix, upper bits as well: 0o120777 is a symbolic link */
  readonly mode?: number;
  /** instead of what is true */
  readonly declared?: { readonly size?: number; readonly crc?: number };
  /** of tar: "0" file, "1" hard link, "2" symbolic link, "3" and "4" devices, "5" folder, "6" fifo */
  readonly type?: string;
}

const bytesOf = ({ content = '' }: MadeEntry): Buffer => (typeof content === 'string' ? Buffer.from(content) : content);

/** A zip file with exactly these entries. No library would write some of them. */
export function makeZip(entries: readonly MadeEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const bytes = bytesOf(entry);
    const packed = deflateRawSync(bytes, { level: 9 });
    const name = Buffer.from(entry.name);
    const sums = Buffer.alloc(12);
    sums.writeUInt32LE(entry.declared?.crc ?? crc32(bytes), 0);
    sums.writeUInt32LE(packed.length, 4);
    sums.writeUInt32LE(entry.declared?.size ?? bytes.length, 8);
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4, 20, 0, 0, 8, 8, 0, 0, 0, 0x21, 0x58]), sums, uint16(name.length), uint16(0), name, packed]);
    const attributes = Buffer.alloc(4);
    attributes.writeUInt32LE(((entry.mode ?? 0o100644) << 16) >>> 0, 0);
    directory.push(Buffer.concat([
      Buffer.from([0x50, 0x4b, 1, 2, 20, 3, 20, 0, 0, 8, 8, 0, 0, 0, 0x21, 0x58]), sums, uint16(name.length), uint16(0), uint16(0), uint16(0), uint16(0), attributes, uint32(offset), name,
    ]));
    files.push(local);
    offset += local.length;
  }
  const list = Buffer.concat(directory);
  const end = Buffer.concat([Buffer.from([0x50, 0x4b, 5, 6, 0, 0, 0, 0]), uint16(entries.length), uint16(entries.length), uint32(list.length), uint32(offset), uint16(0)]);
  return Buffer.concat([...files, list, end]);
}

/** A tar file with exactly these entries, in the ustar format. */
export function makeTar(entries: readonly MadeEntry[]): Buffer {
  const blocks = entries.flatMap((entry) => {
    const bytes = bytesOf(entry);
    const header = Buffer.alloc(512);
    header.write(entry.name, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${(entry.declared?.size ?? bytes.length).toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write(entry.type ?? '0', 156);
    if (entry.type === '1' || entry.type === '2') header.write('/etc/passwd', 157);
    header.write('ustar\0' + '00', 257);
    header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - bytes.length % 512) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

export function makeTgz(entries: readonly MadeEntry[]): Buffer {
  return gzipSync(makeTar(entries), { level: 9 });
}

function uint16(value: number): Buffer {
  return Buffer.from([value & 255, value >>> 8]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
