import type { FastifyInstance, RouteOptions } from 'fastify';
import { BulkheadError } from '../contract/index.ts';

interface KnownRoute {
  readonly segments: readonly string[];
  readonly methods: readonly string[];
}

/** Addresses of our own API: what is not found there must not be taken for an artifact. */
const apiRoot = '/artifactory/api/*';

/**
 * Remembers all routes, to tell a wrong method (405 with Allow) from a wrong address (404), and keeps the artifact routes
 * from answering for unknown addresses below `/artifactory/api/`.
 *
 * @returns what to answer for a request that no route takes
 */
export function guardMethods(app: FastifyInstance): (url: string) => BulkheadError {
  const routes: KnownRoute[] = [];
  app.addHook('onRoute', (route: RouteOptions) => {
    if (route.config?.unrouted === true) return;
    routes.push({ segments: route.url.split('/'), methods: Array.isArray(route.method) ? route.method : [route.method] });
  });
  app.all(apiRoot, { config: { unrouted: true, access: 'public', always: true } }, () => {
    throw new BulkheadError('ROUTE_NOT_FOUND');
  });
  return (url) => {
    const segments = decoded(url.split('?', 1)[0] ?? '').split('/');
    const isApi = segments[1] === 'artifactory' && segments[2] === 'api';
    const matching = routes.filter((route) => matches(route.segments, segments) && (!isApi || route.segments[2] === 'api'));
    const methods = new Set(matching.flatMap((route) => route.methods));
    if (methods.size === 0) return new BulkheadError('ROUTE_NOT_FOUND');
    const allow = [...methods].sort().join(', ');
    return new BulkheadError('METHOD_NOT_ALLOWED', undefined, { details: { allow } });
  };
}

function matches(pattern: readonly string[], segments: readonly string[]): boolean {
  for (const [index, part] of pattern.entries()) {
    if (part === '*') return segments.length > index;
    const segment = segments[index];
    if (segment === undefined) return false;
    if (part.startsWith(':') ? segment === '' : segment !== part) return false;
  }
  return segments.length === pattern.length;
}

function decoded(path: string): string {
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}
