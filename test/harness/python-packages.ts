import { createHash } from 'node:crypto';
import { crc32, deflateRawSync, gzipSync } from 'node:zlib';

/** What goes into a distribution that a test builds. */
export interface PackageSource {
  /** as the project writes itself */
  readonly name: string;
  readonly version: string;
  readonly requiresPython?: string;
  readonly requires?: readonly string[];
  /** of the one module that is in it; what it prints tells versions apart */
  readonly code?: string;
}

/** A distribution, built by hand: no network, no build tool. */
export interface BuiltPackage {
  readonly fileName: string;
  readonly bytes: Buffer;
  readonly metadata: string;
}

const escaped = (name: string): string => name.replace(/[-_.]+/g, '_').toLowerCase();

export function metadataOf({ name, version, requiresPython, requires = [] }: PackageSource): string {
  return [
    'Metadata-Version: 2.1', `Name: ${name}`, `Version: ${version}`, 'Summary: made by a test',
    ...(requiresPython === undefined ? [] : [`Requires-Python: ${requiresPython}`]), ...requires.map((each) => `Requires-Dist: ${each}`),
    '', 'A description.', '',
  ].join('\n');
}

/** `name-version-py3-none-any.whl` with one module. */
export function buildWheel(source: PackageSource): BuiltPackage {
  const stem = `${escaped(source.name)}-${source.version}`;
  const metadata = metadataOf(source);
  const files = new Map<string, string>([
    [`${escaped(source.name)}.py`, source.code ?? `print(${JSON.stringify(`${source.name} ${source.version}`)})\n`],
    [`${stem}.dist-info/METADATA`, metadata],
    [`${stem}.dist-info/WHEEL`, 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n'],
  ]);
  const record = [...files].map(([path, text]) => `${path},sha256=${createHash('sha256').update(text).digest('base64url')},${String(Buffer.byteLength(text))}`);
  files.set(`${stem}.dist-info/RECORD`, [...record, `${stem}.dist-info/RECORD,,`, ''].join('\n'));
  return { fileName: `${stem}-py3-none-any.whl`, bytes: zip([...files].map(([name, text]) => [name, Buffer.from(text)])), metadata };
}

/** `name-version.tar.gz` with a PKG-INFO and a setup.py. */
export function buildSdist(source: PackageSource): BuiltPackage {
  const stem = `${escaped(source.name)}-${source.version}`;
  const metadata = metadataOf(source);
  const module = escaped(source.name);
  const files: [string, Buffer][] = [
    [`${stem}/PKG-INFO`, Buffer.from(metadata)],
    [`${stem}/${module}.py`, Buffer.from(source.code ?? `print(${JSON.stringify(`${source.name} ${source.version}`)})\n`)],
    [`${stem}/setup.py`, Buffer.from(`from setuptools import setup\nsetup(name=${JSON.stringify(source.name)}, version=${JSON.stringify(source.version)}, py_modules=[${JSON.stringify(module)}])\n`)],
  ];
  return { fileName: `${stem}.tar.gz`, bytes: gzipSync(tar(files)), metadata };
}

/** A zip archive (APPNOTE 6.3.x) of deflated files. */
export function zip(files: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, bytes] of files) {
    const packed = deflateRawSync(bytes);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x800, 2);
    common.writeUInt16LE(8, 4);
    common.writeUInt32LE(0x00210000, 6);
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const header = Buffer.concat([Buffer.from('PK\x03\x04', 'latin1'), common, Buffer.from(name), packed]);
    const entry = Buffer.alloc(14);
    entry.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x03', 'latin1'), common, entry, Buffer.from(name)]));
    local.push(header);
    offset += header.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

/** A tar archive (ustar). */
export function tar(files: readonly (readonly [name: string, bytes: Buffer])[]): Buffer {
  const blocks = files.flatMap(([name, bytes]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0, 100);
    header.write('0000644\0', 100);
    header.write('0000000\0', 108);
    header.write('0000000\0', 116);
    header.write(`${bytes.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        ', 148);
    header.write('0', 156);
    header.write('ustar\x0000', 257, 'latin1');
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, bytes, Buffer.alloc((512 - bytes.length % 512) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}
