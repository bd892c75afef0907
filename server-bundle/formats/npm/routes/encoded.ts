import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';

const compress = promisify(gzip);

/** Forms of a document that are made once and kept for as long as the document itself is. */
interface Encoded { readonly etag: string; compressed: Promise<Buffer> | undefined }

/** By the document's bytes: those that the cache holds take their other forms along when they go. */
const forms = new WeakMap<Buffer, Encoded>();

function formsOf(bytes: Buffer): Encoded {
  let encoded = forms.get(bytes);
  if (encoded === undefined) {
    encoded = { etag: `"${createHash('sha1').update(bytes).digest('base64url')}"`, compressed: undefined };
    forms.set(bytes, encoded);
  }
  return encoded;
}

/** Entity tag of the document, the same on every node; quoted, without the mark of a weak one. */
export function etagOf(bytes: Buffer): string {
  return formsOf(bytes).etag;
}

/** The document with gzip. */
export function gzipped(bytes: Buffer): Promise<Buffer> {
  const encoded = formsOf(bytes);
  encoded.compressed ??= compress(bytes);
  return encoded.compressed;
}

/** Whether a client takes gzip (RFC 9110, section 12.5.3). */
export function takesGzip(acceptEncoding: string | undefined): boolean {
  const weights = new Map((acceptEncoding ?? '').toLowerCase().split(',').map((part): [string, number] => weighted(part)));
  return (weights.get('gzip') ?? weights.get('x-gzip') ?? weights.get('*') ?? 0) > 0;
}

/** Whether a client prefers the abbreviated packument (RFC 9110, section 12.5.1). */
export function prefersAbbreviated(accept: string | undefined): boolean {
  const weights = new Map((accept ?? '').toLowerCase().split(',').map((part): [string, number] => weighted(part)));
  const abbreviated = weights.get('application/vnd.npm.install-v1+json') ?? 0;
  return abbreviated > 0 && abbreviated >= (weights.get('application/json') ?? 0);
}

function weighted(part: string): [string, number] {
  const [value = '', ...parameters] = part.split(';').map((each) => each.trim());
  const q = parameters.find((parameter) => parameter.startsWith('q='));
  const weight = q === undefined ? 1 : Number(q.slice(2));
  return [value, Number.isFinite(weight) ? weight : 0];
}
