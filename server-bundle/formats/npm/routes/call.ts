import type { FastifyReply, FastifyRequest } from 'fastify';
import { BulkheadError } from '../../../contract/index.ts';
import type { Content } from '../../../repositories/content.ts';
import type { PackageRequest } from '../registry/publish.ts';
import { matched, type RegistryAddress } from './address.ts';

/** One request to a registry. */
export interface Call {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly content: Content;
  readonly repositoryKey: string;
  /** value of a placeholder of the route's pattern */
  readonly value: (name: string) => string;
}

export interface NpmRoute {
  readonly method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  /** parts of the address; `:name` stands for any, `:package` for a package's name */
  readonly pattern: string;
  readonly handle: (call: Call) => Promise<unknown>;
}

/** The route for a request; HEAD is answered by GET's. @throws ROUTE_NOT_FOUND, METHOD_NOT_ALLOWED */
export function findRoute(routes: readonly NpmRoute[], method: string, { parts }: RegistryAddress): { readonly route: NpmRoute; readonly values: Readonly<Record<string, string>> } {
  const wanted = method === 'HEAD' ? 'GET' : method;
  const fitting = routes.flatMap((route) => {
    const values = matched(route.pattern, parts);
    return values === null ? [] : [{ route, values }];
  });
  const found = fitting.find(({ route }) => route.method === wanted);
  if (found !== undefined) return found;
  if (fitting.length === 0) throw new BulkheadError('ROUTE_NOT_FOUND', 'The registry has no such address');
  const allow = [...new Set(fitting.flatMap(({ route }) => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method])))].sort().join(', ');
  throw new BulkheadError('METHOD_NOT_ALLOWED', undefined, { details: { allow } });
}

/** A call that is about one package. */
export function packageRequest({ request, repositoryKey, value }: Call): PackageRequest {
  return { principal: request.principal, repositoryKey, name: value('package'), replayKey: request.replayKey };
}
