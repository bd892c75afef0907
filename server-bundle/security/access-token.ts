import { createHash, randomBytes } from 'node:crypto';

const form = /^bh[ks]_[A-Za-z0-9_-]{43}$/;

/**
 * A new access token: 256 random bits behind a prefix that secret scanners can find. A narrowed one has another prefix, so that a version
 * that knows no scopes takes it for none instead of for a whole one.
 */
export function generateToken(kind: 'whole' | 'narrowed' = 'whole'): string {
  return `${kind === 'whole' ? 'bhk' : 'bhs'}_${randomBytes(32).toString('base64url')}`;
}

/** What a token is refreshed with. It opens nothing by itself. */
export function generateRefreshToken(): string {
  return `bhr_${randomBytes(32).toString('base64url')}`;
}

export function looksLikeToken(text: string): boolean {
  return form.test(text);
}

/** What is stored of a token. It is random and long, so one round of SHA-256 is enough. */
export function tokenHash(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
