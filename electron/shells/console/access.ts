import type { IncomingMessage } from 'node:http';
import { newSecret, sameSecret } from './secret-match.ts';

/** How many browsers may use one console; the oldest is forgotten first. */
const browserLimit = 16;

/**
 * Who may use the console. A one-time token from the terminal is exchanged for a cookie; each secret lives in
 * memory only, so that a restart ends every session.
 */
export class ConsoleAccess {
  readonly #tokens = new Set<string>();
  readonly #sessions: string[] = [];
  #cookieName = 'bulkhead';

  /** Cookies are shared by all ports of a host (RFC 6265, 8.5), so the port is part of the name. */
  listenOn(port: number): void {
    this.#cookieName = `bulkhead-${port}`;
  }

  newToken(): string {
    const token = newSecret();
    this.#tokens.add(token);
    return token;
  }

  /** The `Set-Cookie` value for a token that was never used before, else null. */
  redeem(token: string): string | null {
    let found: string | null = null;
    for (const candidate of this.#tokens) {
      if (sameSecret(token, candidate)) found = candidate;
    }
    if (found === null) return null;
    this.#tokens.delete(found);
    const session = newSecret();
    this.#sessions.push(session);
    if (this.#sessions.length > browserLimit) this.#sessions.shift();
    return `${this.#cookieName}=${session}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Does this request carry the cookie of a session? */
  knows(request: IncomingMessage): boolean {
    const given = cookieOf(request.headers.cookie ?? '', this.#cookieName);
    if (given === null) return false;
    let known = false;
    for (const session of this.#sessions) known = sameSecret(given, session) || known;
    return known;
  }
}

function cookieOf(header: string, name: string): string | null {
  for (const pair of header.split(';')) {
    const [key, ...value] = pair.trim().split('=');
    if (key === name) return value.join('=');
  }
  return null;
}
