import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import { WireReader } from '../wire.ts';

const curves: ReadonlyMap<string, { readonly name: string; readonly hash: string; readonly bytes: number }> = new Map(Object.entries({
  'ecdsa-sha2-nistp256': { name: 'P-256', hash: 'sha256', bytes: 32 },
  'ecdsa-sha2-nistp384': { name: 'P-384', hash: 'sha384', bytes: 48 },
  'ecdsa-sha2-nistp521': { name: 'P-521', hash: 'sha512', bytes: 66 },
}));
/** SHA-1 signs nothing any more. */
const rsaHashes: ReadonlyMap<string, string> = new Map([['rsa-sha2-256', 'sha256'], ['rsa-sha2-512', 'sha512']]);
/** of an RSA key, bits */
const fewestBits = 2048;

/**
 * Whether a key has signed these bytes. Key and signature as they travel (RFC 4253, 6.6; RFC 8332, 5656, 8709). False for kinds that are
 * not known here. Throws RangeError where one of them is cut.
 */
export function isSignedBy(data: Uint8Array, keyBlob: Uint8Array, signature: Uint8Array): boolean {
  const [key, proof] = [new WireReader(keyBlob), new WireReader(signature)];
  const [type, algorithm, bytes] = [key.text(), proof.text(), proof.string()];
  if (!proof.isAtEnd) return false;
  if (type === 'ssh-ed25519' && algorithm === type) return verify(null, data, jwk({ kty: 'OKP', crv: 'Ed25519', x: url(key.string()) }), bytes);
  if (type === 'ssh-rsa') {
    const hash = rsaHashes.get(algorithm);
    if (hash === undefined) return false;
    const e = url(unsigned(key.string()));
    const rsa = jwk({ kty: 'RSA', e, n: url(unsigned(key.string())) });
    return (rsa.asymmetricKeyDetails?.modulusLength ?? 0) >= fewestBits && verify(hash, data, rsa, bytes);
  }
  const curve = curves.get(type);
  if (curve === undefined || algorithm !== type) return false;
  key.string();
  const point = key.string();
  if (point.length !== 1 + 2 * curve.bytes || point[0] !== 4) return false;
  const [x, y] = [point.subarray(1, 1 + curve.bytes), point.subarray(1 + curve.bytes)];
  const numbers = new WireReader(bytes);
  const [r, s] = [padded(numbers.string(), curve.bytes), padded(numbers.string(), curve.bytes)];
  if (r === null || s === null || !numbers.isAtEnd) return false;
  return verify(curve.hash, data, { key: jwk({ kty: 'EC', crv: curve.name, x: url(x), y: url(y) }), dsaEncoding: 'ieee-p1363' }, Buffer.concat([r, s]));
}

function jwk(key: Record<string, string>): KeyObject {
  return createPublicKey({ key, format: 'jwk' });
}

const url = (bytes: Buffer): string => bytes.toString('base64url');

/** An mpint without the zeros that keep it positive. */
function unsigned(bytes: Buffer): Buffer {
  let at = 0;
  while (at < bytes.length && bytes[at] === 0) at += 1;
  return bytes.subarray(at);
}

/** An mpint with zeros before it up to this length; null when it is longer. */
function padded(bytes: Buffer, length: number): Buffer | null {
  const short = unsigned(bytes);
  return short.length > length ? null : Buffer.concat([Buffer.alloc(length - short.length), short]);
}
