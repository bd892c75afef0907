import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { hello, type Hello } from './messages.ts';

export type Role = 'dialer' | 'acceptor';

/**
 * Proof that the sender knows the cluster key, for this link only: both hellos (each with a fresh nonce) and the sender's role
 * go into it, so that a proof can neither be replayed nor reflected.
 */
export function proofOf(key: Buffer, role: Role, dialerHello: string, acceptorHello: string): string {
  const mac = createHmac('sha256', key).update('bulkhead mesh 1\n').update(role).update('\n');
  for (const text of [dialerHello, acceptorHello]) mac.update(`${String(Buffer.byteLength(text))}\n`).update(text);
  return mac.digest('hex');
}

export function isProof(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given, 'utf8'), Buffer.from(expected, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}

export function newNonce(): string {
  return randomBytes(32).toString('hex');
}

/** The other side's hello; throws when it is not one of this cluster and protocol, or not meant for `own`. */
export function readHello(text: string, own: { readonly cluster: string; readonly incarnation: string }): Hello {
  const read = hello.parse(JSON.parse(text));
  if (read.cluster !== own.cluster) throw new Error('another cluster');
  if (read.incarnation === own.incarnation) throw new Error('this very incarnation');
  if (read.to !== null && read.to !== own.incarnation) throw new Error('meant for another incarnation');
  return read;
}
