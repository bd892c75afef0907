import { createHash, randomBytes } from 'node:crypto';

const form = /^bhk_[A-Za-z0-9_-]{43}$/;

/** A new access token: 256 random bits behind a prefix that secret scanners can find. */
export function generateToken(): string {
  return `bhk_${randomBytes(32).toString('base64url')}`;
}

export function looksLikeToken(text: string): boolean {
  return form.test(text);
}

/** What is stored of a token. It is random and long, so one round of SHA-256 is enough. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
