import { isName, isTag, parseDigest, type Digest, type Reference } from './names.ts';

/*
 * Where things of a name lie in the repository. A component of a name begins with a letter or digit, so the two folders cannot be taken for one.
 *
 *   <name>/_blobs/<digest>          layers and configurations
 *   <name>/_manifests/<digest>      manifests
 *   <name>/<tag>/manifest.json      what a tag points at: the same bytes once more, found where Artifactory has them
 */

export const tagFile = 'manifest.json';

export function blobPath(name: string, digest: Digest): string {
  return `${name}/_blobs/${digest.text}`;
}

export function manifestPath(name: string, digest: Digest): string {
  return `${name}/_manifests/${digest.text}`;
}

export function tagPath(name: string, tag: string): string {
  return `${name}/${tag}/${tagFile}`;
}

export function referencePath(name: string, reference: Reference): string {
  return reference.kind === 'tag' ? tagPath(name, reference.tag) : manifestPath(name, reference.digest);
}

/** What a path of the repository holds. */
export type Place =
  | { readonly kind: 'blob' | 'manifest'; readonly name: string; readonly digest: Digest }
  | { readonly kind: 'tag'; readonly name: string; readonly tag: string };

/** Null for a path at which an OCI repository keeps nothing. */
export function placeOf(path: string): Place | null {
  const segments = path.split('/');
  const last = segments.pop() ?? '';
  const above = segments.pop() ?? '';
  const name = segments.join('/');
  if (!isName(name)) return null;
  if (last === tagFile) return isTag(above) ? { kind: 'tag', name, tag: above } : null;
  const digest = parseDigest(last);
  if (digest === null) return null;
  if (above === '_blobs') return { kind: 'blob', name, digest };
  return above === '_manifests' ? { kind: 'manifest', name, digest } : null;
}
