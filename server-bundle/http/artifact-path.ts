import { BulkheadError } from '../contract/index.ts';
import { maxPathBytes, pathInvalid, requirePathLength, requireSegment } from '../repositories/path-segment.ts';

/** What an address below `/artifactory/` (or `/artifactory/api/storage/`, …) names. */
export interface RepositoryPath {
  readonly repositoryKey: string;
  /** without a leading slash; ends in "/" when the address does; empty for the repository itself */
  readonly path: string;
}

/** Percent-encoding triples a path at most; no need to look at anything longer. */
const maxRawLength = 3 * maxPathBytes + 128;

/**
 * Reads repository and path from the raw address of a request, before anything has decoded or normalized it: what a router or a
 * URL parser makes of `..`, `%2e%2e`, `%2f` or a NUL is not what the client sent.
 * Matrix parameters (`;name=value`, Artifactory's properties) are cut off.
 *
 * @param url    `request.raw.url`
 * @param prefix for example `/artifactory/` or `/artifactory/api/storage/`
 * @throws PATH_INVALID, PATH_TOO_LONG
 */
export function parseArtifactUrl(url: string, prefix: string): RepositoryPath {
  // a client may send the whole address (RFC 9112, section 3.2.2)
  const [raw = ''] = url.replace(/^https?:\/\/[^/?]*/i, '').split('?', 1);
  if (!raw.startsWith(prefix)) throw pathInvalid('it lies outside the repositories');
  return parseRepositoryPath(raw.slice(prefix.length));
}

/** The same for a percent-encoded `{repository}[/{path}]`. */
export function parseRepositoryPath(raw: string): RepositoryPath {
  if (raw.length > maxRawLength) throw new BulkheadError('PATH_TOO_LONG');
  const segments = raw.split('/').map(decodeSegment);
  const isFolder = segments.length > 1 && segments.at(-1) === '';
  if (isFolder) segments.pop();
  for (const segment of segments) requireSegment(segment);
  const [repositoryKey = '', ...rest] = segments;
  const path = rest.join('/');
  requirePathLength(path);
  return { repositoryKey, path: isFolder && path !== '' ? `${path}/` : path };
}

/** A path that comes as text (`?to=/repository/path`), decoded already. */
export function parseDecodedPath(text: string): RepositoryPath {
  return parseRepositoryPath(text.replace(/^\//, '').split('/').map(encodeURIComponent).join('/'));
}

function decodeSegment(raw: string): string {
  const [plain = ''] = raw.split(';', 1);
  if (/%2f|%5c/i.test(plain)) throw pathInvalid('it holds an encoded slash');
  // a fragment is for the client alone, and bytes beyond ASCII have to be percent-encoded
  if (/[^\x20-\x7e]|#/.test(plain)) throw pathInvalid('it holds a character that has to be percent-encoded');
  try {
    return decodeURIComponent(plain);
  } catch {
    throw pathInvalid('its encoding is not valid');
  }
}
