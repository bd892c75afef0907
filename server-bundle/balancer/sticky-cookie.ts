import { createHash } from 'node:crypto';

/** What stands for a node in the cookie: says nothing about it, and is the same after every restart of either side. */
export function routeValue(nodeId: string): string {
  return createHash('sha256').update(`bulkhead-route\0${nodeId}`).digest('base64url').slice(0, 16);
}

/** The value of one cookie in a Cookie header (RFC 6265 section 4.2); undefined when it is not there. */
export function cookieValue(header: string | undefined, name: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const equals = part.indexOf('=');
    if (equals > 0 && part.slice(0, equals).trim() === name) return part.slice(equals + 1).trim();
  }
  return undefined;
}

export function setCookie(name: string, value: string): string {
  return `${name}=${value}; Path=/; HttpOnly; SameSite=Lax`;
}
