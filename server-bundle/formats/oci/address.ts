import { BulkheadError } from '../../contract/index.ts';
import { isName } from './names.ts';

/** What an address of the distribution API names; digests, tags and ids are as the client wrote them. */
export type Address =
  | { readonly kind: 'base' | 'catalog' | 'token'; readonly prefix: string; readonly repositoryKey: string | null }
  | Named & { readonly kind: 'uploads' | 'tags' }
  | Named & { readonly kind: 'manifest' | 'blob' | 'upload' | 'referrers'; readonly reference: string };

export interface Named {
  /** what stands before the name in addresses: `/v2/<repository>/` or `/artifactory/api/docker/<repository>/v2/` */
  readonly prefix: string;
  readonly repositoryKey: string;
  readonly name: string;
}

const below = /^\/artifactory\/api\/docker\/([^/]+)\/v2(\/.*)?$/;

/**
 * Reads the raw address of a request, before anything has decoded it.
 * @param url `request.raw.url`
 * @throws NAME_INVALID, ROUTE_NOT_FOUND, PATH_INVALID
 */
export function parseAddress(url: string): Address {
  const [path = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  const inside = below.exec(path);
  if (inside !== null) {
    const repositoryKey = decoded(inside[1] ?? '');
    return addressIn(`/artifactory/api/docker/${repositoryKey}/v2/`, repositoryKey, segmentsOf(inside[2] ?? ''));
  }
  if (path !== '/v2' && !path.startsWith('/v2/')) throw new BulkheadError('ROUTE_NOT_FOUND');
  const [first = '', ...rest] = segmentsOf(path.slice('/v2'.length));
  if (rest.length === 0) return addressIn('/v2/', null, [first]);
  return addressIn(`/v2/${first}/`, first, rest);
}

function addressIn(prefix: string, repositoryKey: string | null, segments: readonly string[]): Address {
  const [only = ''] = segments;
  if (segments.length <= 1) {
    if (only === '') return { kind: 'base', prefix, repositoryKey };
    if (only === '_catalog') return { kind: 'catalog', prefix, repositoryKey };
    if (only === 'token') return { kind: 'token', prefix, repositoryKey };
  }
  if (repositoryKey === null) throw new BulkheadError('ROUTE_NOT_FOUND');
  const last = segments.at(-1) ?? '';
  const second = segments.at(-2);
  const named = (tail: number): Named => ({ prefix, repositoryKey, name: nameOf(segments.slice(0, -tail)) });
  if (segments.at(-3) === 'blobs' && second === 'uploads') {
    return last === '' ? { kind: 'uploads', ...named(3) } : { kind: 'upload', ...named(3), reference: last };
  }
  if (second === 'blobs') return last === 'uploads' ? { kind: 'uploads', ...named(2) } : { kind: 'blob', ...named(2), reference: last };
  if (second === 'manifests') return { kind: 'manifest', ...named(2), reference: last };
  if (second === 'referrers') return { kind: 'referrers', ...named(2), reference: last };
  if (second === 'tags' && last === 'list') return { kind: 'tags', ...named(2) };
  throw new BulkheadError('ROUTE_NOT_FOUND');
}

/** The segments behind the first slash; none of them for `` and `/`. */
function segmentsOf(path: string): string[] {
  return path === '' ? [] : path.slice(1).split('/').map(decoded);
}

function nameOf(segments: readonly string[]): string {
  const name = segments.join('/');
  if (!isName(name)) throw new BulkheadError('NAME_INVALID', undefined, { details: { name: name.slice(0, 300) } });
  return name;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new BulkheadError('PATH_INVALID');
  }
}
