import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

/** One entry of a tar archive (POSIX ustar). */
export function tarEntry(path: string, content: Buffer, type = '0'): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0, 100);
  header.write('0000644\0', 100);
  header.write('0000000\0', 108);
  header.write('0000000\0', 116);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write(type, 156);
  header.write('ustar\0' + '00', 257);
  header.write(`${header.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0')}\0 `, 148);
  return Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

/** A package's tarball as `npm pack` makes it. */
export function npmTarball(manifest: Readonly<Record<string, unknown>>, files: Readonly<Record<string, string>> = {}): Buffer {
  const entries = Object.entries({ 'package.json': JSON.stringify(manifest), ...files });
  return gzipSync(Buffer.concat([...entries.map(([path, text]) => tarEntry(`package/${path}`, Buffer.from(text))), Buffer.alloc(1024)]));
}

/** The body with which npm's clients publish a version. */
export function publishBody(
  manifest: Readonly<Record<string, unknown>> & { readonly name: string; readonly version: string }, tarball: Buffer,
  options: { readonly tag?: string; readonly dist?: Readonly<Record<string, unknown>>; readonly length?: number } = {},
): string {
  const { name, version } = manifest;
  const dist = options.dist ?? {
    integrity: `sha512-${createHash('sha512').update(tarball).digest('base64')}`, shasum: createHash('sha1').update(tarball).digest('hex'),
    tarball: `http://registry.example.org/${name}/-/${name}-${version}.tgz`,
  };
  return JSON.stringify({
    _id: name, name, 'dist-tags': { [options.tag ?? 'latest']: version }, versions: { [version]: { ...manifest, _id: `${name}@${version}`, dist } }, access: null,
    _attachments: { [`${name}-${version}.tgz`]: { content_type: 'application/octet-stream', data: tarball.toString('base64'), length: options.length ?? tarball.length } },
  });
}
