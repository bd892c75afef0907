import type { IncomingMessage } from 'node:http';

/**
 * The console answers to its own names only. A page elsewhere can point a name of its own at 127.0.0.1 (DNS
 * rebinding); it cannot choose the Host header that the browser then sends.
 */
export function isOwnHost(request: IncomingMessage, port: number): boolean {
  return ownNames(port).includes(request.headers.host?.toLowerCase() ?? '');
}

/** A page of the console itself, for what only its own pages may do; browsers always send Origin with a WebSocket (RFC 6455, 10.2). */
export function isOwnOrigin(request: IncomingMessage, port: number): boolean {
  const { origin, host } = request.headers;
  return origin !== undefined && isOwnHost(request, port) && origin === `http://${host?.toLowerCase() ?? ''}`;
}

/** Another site's page that embeds or fetches; opening an address from elsewhere is a navigation and allowed. */
export function isForeignFetch(request: IncomingMessage, port: number): boolean {
  const site = request.headers['sec-fetch-site'];
  const navigates = request.headers['sec-fetch-mode'] === 'navigate' && request.headers['sec-fetch-dest'] === 'document';
  if (request.headers.origin !== undefined && !isOwnOrigin(request, port)) return true;
  return (site === 'cross-site' || site === 'same-site') && !navigates;
}

function ownNames(port: number): string[] {
  const names = ['127.0.0.1', 'localhost', '[::1]'];
  return port === 80 ? [...names, ...names.map((name) => `${name}:80`)] : names.map((name) => `${name}:${port}`);
}
