import type { DeclaredDigests } from '../metadata/artifacts.ts';
import { BulkheadError } from '../contract/index.ts';
import type { Digests } from '../filestore/index.ts';

const hexLength = { md5: 32, sha1: 40, sha256: 64 } as const;
const algorithms = ['sha256', 'sha1', 'md5'] as const;
type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * What the client says its body is: `X-Checksum-Md5|Sha1|Sha256`, `X-Checksum` (told apart by length), and the SHA-256 of
 * `Digest` (RFC 3230) and of `Repr-Digest` and `Content-Digest` (RFC 9530).
 * @throws CHECKSUM_INVALID for one that cannot be read, CHECKSUM_MISMATCH for two of one kind that differ
 */
export function declaredChecksums(headers: Headers): DeclaredDigests {
  const declared: Record<keyof DeclaredDigests, string | null> = { md5: null, sha1: null, sha256: null };
  const declare = (algorithm: keyof DeclaredDigests, value: string, header: string): void => {
    const digest = value.trim().toLowerCase();
    if (digest.length !== hexLength[algorithm] || !/^[0-9a-f]+$/.test(digest)) throw invalid(header);
    const other = declared[algorithm];
    if (other !== null && other !== digest) throw new BulkheadError('CHECKSUM_MISMATCH', `Two declared ${algorithm} checksums differ`);
    declared[algorithm] = digest;
  };
  for (const algorithm of algorithms) {
    const value = single(headers, `x-checksum-${algorithm}`);
    if (value !== undefined) declare(algorithm, value, `X-Checksum-${algorithm}`);
  }
  const any = single(headers, 'x-checksum');
  if (any !== undefined) {
    const algorithm = algorithms.find((candidate) => hexLength[candidate] === any.trim().length);
    if (algorithm === undefined) throw invalid('X-Checksum');
    declare(algorithm, any, 'X-Checksum');
  }
  for (const header of ['digest', 'repr-digest', 'content-digest']) {
    const sha256 = sha256Of(single(headers, header), header);
    if (sha256 !== null) declare('sha256', sha256, header);
  }
  return declared;
}

/** @throws CHECKSUM_MISMATCH with both values */
export function requireDeclared(declared: DeclaredDigests, actual: Digests): void {
  for (const algorithm of algorithms) {
    const expected = declared[algorithm];
    if (expected === null || expected === actual[algorithm]) continue;
    throw new BulkheadError('CHECKSUM_MISMATCH', `The declared ${algorithm} is ${expected}, the bytes have ${actual[algorithm]}`,
      { details: { algorithm, declared: expected, actual: actual[algorithm] } });
  }
}

function single(headers: Headers, name: string): string | undefined {
  const value = headers[name];
  if (value === undefined || typeof value === 'string') return value === '' ? undefined : value;
  return value.join(', ');
}

/** The SHA-256 of a digest header as hexadecimal; null when it has none. */
function sha256Of(value: string | undefined, header: string): string | null {
  for (const part of value?.split(',') ?? []) {
    const match = /^\s*sha-256\s*=\s*:?([A-Za-z0-9+/_-]+={0,2}):?\s*$/i.exec(part);
    if (match === null) {
      if (/^\s*sha-256\s*=/i.test(part)) throw invalid(header);
      continue;
    }
    const bytes = Buffer.from(match[1] ?? '', 'base64');
    if (bytes.length !== 32) throw invalid(header);
    return bytes.toString('hex');
  }
  return null;
}

function invalid(header: string): BulkheadError {
  return new BulkheadError('CHECKSUM_INVALID', `${header} holds no well-formed checksum`, { details: { header } });
}
