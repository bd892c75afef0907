import { createHmac, timingSafeEqual } from 'node:crypto';

/** Which end of a mesh link. */
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

/** In constant time. */
export function isProof(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given, 'utf8'), Buffer.from(expected, 'utf8')];
  return a.length === b.length && timingSafeEqual(a, b);
}
