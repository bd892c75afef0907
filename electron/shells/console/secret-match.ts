import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** A secret for an address or a cookie: 256 random bits in characters that need no escaping in either. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** Compares in a time that tells nothing about either text, their lengths included. */
export function sameSecret(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}
