import type { RepositoryPath } from '../artifact-path.ts';

/** Short enough for every limit of `parseArtifactUrl`. */
const longest = 240;
/** Nothing encoded, no parameters, no folder, no segment that begins with a dot, nothing below `api`. */
const plain = /^\/artifactory\/(?!api\/)([A-Za-z0-9_][\w.-]*)\/((?:[A-Za-z0-9_@+~-][\w.@+~-]*\/)*[A-Za-z0-9_@+~-][\w.@+~-]*)$/;

/** Repository and path of an address that means what it says: for it, `parseArtifactUrl` finds the same. Null for every other one. */
export function plainAddress(url: string): RepositoryPath | null {
  // what may be a token has no place in a log
  if (url.length > longest || url.includes('bhk_')) return null;
  const match = plain.exec(url);
  const [, repositoryKey, path] = match ?? [];
  return repositoryKey === undefined || path === undefined ? null : { repositoryKey, path };
}
