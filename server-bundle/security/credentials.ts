import type { IncomingHttpHeaders } from 'node:http';
import { BulkheadError } from '../contract/index.ts';
import { looksLikeToken } from './access-token.ts';
import { looksDerived } from './derived-token.ts';

/** What a request offers as proof of who sends it. */
export type Credentials =
  | { readonly kind: 'none' }
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** `user` is what the token has to belong to; null when the client did not say */
  | { readonly kind: 'token'; readonly token: string; readonly user: string | null };

const none: Credentials = { kind: 'none' };

/**
 * Reads `Authorization` (Basic or Bearer, RFC 7617 and 6750) or `X-JFrog-Art-Api`. A token may stand in place of a Basic password.
 *
 * @throws CREDENTIALS_INVALID when the header has another scheme or form
 */
export function credentialsOf(headers: IncomingHttpHeaders): Credentials {
  const { authorization } = headers;
  if (authorization === undefined) {
    const key = headers['x-jfrog-art-api'];
    return typeof key === 'string' && key !== '' ? { kind: 'token', token: key, user: null } : none;
  }
  const space = authorization.indexOf(' ');
  const scheme = authorization.slice(0, space).toLowerCase();
  const value = authorization.slice(space + 1).trim();
  if (scheme === 'bearer') return { kind: 'token', token: value, user: null };
  if (scheme === 'basic') return basic(value);
  throw new BulkheadError('CREDENTIALS_INVALID', 'The Authorization header is neither Basic nor Bearer');
}

function basic(value: string): Credentials {
  const text = Buffer.from(value, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 0) throw new BulkheadError('CREDENTIALS_INVALID');
  const user = text.slice(0, colon);
  const password = text.slice(colon + 1);
  return user === '' && password === '' ? none : namedCredentials(user, password);
}

/** Name and password, as they are typed at a login; a token may stand in place of the password. */
export function namedCredentials(user: string, password: string): Exclude<Credentials, { kind: 'none' }> {
  return looksLikeToken(password) || looksDerived(password) ? { kind: 'token', token: password, user } : { kind: 'password', user, password };
}
