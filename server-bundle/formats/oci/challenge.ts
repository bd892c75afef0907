import type { FastifyRequest } from 'fastify';
import { parseAddress, type Address } from './address.ts';

/**
 * What a 401 of the registry asks for: a token for exactly what the request wanted (Docker's "Token Authentication Specification"). Basic credentials
 * are accepted as well; naming one way only leaves clients no choice to get wrong.
 * @param root public address of the context path
 */
export function challengeFor(request: FastifyRequest, root: string, insufficient: boolean): string {
  const address = addressOf(request.raw.url ?? '');
  const scope = address === null ? '' : scopeOf(address, request.method);
  return [
    `Bearer realm="${tokenAddress(address, root)}"`, `service="${serviceOf(root)}"`,
    ...(scope === '' ? [] : [`scope="${scope}"`]), ...(insufficient ? ['error="insufficient_scope"'] : []),
  ].join(',');
}

/** The name under which tokens are asked for. */
export function serviceOf(root: string): string {
  return URL.parse(root)?.host ?? 'bulkhead';
}

function addressOf(url: string): Address | null {
  try {
    return parseAddress(url);
  } catch {
    return null;
  }
}

function tokenAddress(address: Address | null, root: string): string {
  if (address === null || address.prefix.startsWith('/v2/')) return `${root.replace(/\/artifactory$/, '')}/v2/token`;
  return `${root}${address.prefix.slice('/artifactory'.length)}token`;
}

function scopeOf(address: Address, method: string): string {
  switch (address.kind) {
    case 'base': case 'token': return '';
    case 'catalog': return 'registry:catalog:*';
    default: {
      const name = address.prefix.startsWith('/v2/') ? `${address.repositoryKey}/${address.name}` : address.name;
      const cancels = address.kind === 'upload';
      const actions = method === 'GET' || method === 'HEAD' ? 'pull' : method === 'DELETE' && !cancels ? 'delete' : 'pull,push';
      return `repository:${name}:${actions}`;
    }
  }
}
