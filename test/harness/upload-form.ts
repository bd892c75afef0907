import { createHash, randomUUID } from 'node:crypto';
import type { BuiltPackage } from './python-packages.ts';

/** A form (multipart/form-data) as an upload client sends it. */
export interface Form {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export type FormPart = readonly [name: string, value: string] | readonly [name: string, bytes: Buffer, fileName: string];

export function form(parts: readonly FormPart[]): Form {
  const boundary = randomUUID();
  const chunks = parts.flatMap(([name, value, fileName]) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"\r\nContent-Type: application/octet-stream`}\r\n\r\n`),
    Buffer.from(value as string), Buffer.from('\r\n'),
  ]);
  return { body: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]), headers: { 'content-type': `multipart/form-data; boundary=${boundary}` } };
}

/** The form that twine sends for a package, with some fields replaced; null leaves one out. */
export function uploadForm(
  { fileName, bytes }: Omit<BuiltPackage, 'metadata'>, { name, version }: { readonly name: string; readonly version: string }, changed: Readonly<Record<string, string | null>> = {},
): Form {
  const fields: Record<string, string | null> = {
    ':action': 'file_upload', protocol_version: '1', name, version, filetype: fileName.endsWith('.whl') ? 'bdist_wheel' : 'sdist', pyversion: 'py3',
    metadata_version: '2.1', summary: 'made by a test', sha256_digest: createHash('sha256').update(bytes).digest('hex'), ...changed,
  };
  const sent = Object.entries(fields).flatMap(([field, value]) => (value === null ? [] : [[field, value] satisfies FormPart]));
  return form([...sent, ['content', bytes, fileName]]);
}
