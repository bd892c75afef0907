import { isName, isTag, parseDigest, type Digest } from './names.ts';

/*
 * What a remote repository keeps of lists that upstream answers. Local repositories make them of their files and keep none.
 *
 *   <name>/_tags/first.json          the first page of the tags
 *   <name>/_tags/after/<tag>.json    the page behind a tag
 *   <name>/_referrers/<digest>.json
 */

export type ListDocument =
  | { readonly kind: 'tags'; readonly name: string; /** null: from the beginning */ readonly after: string | null }
  | { readonly kind: 'referrers'; readonly name: string; readonly digest: Digest };

export function tagsDocument(name: string, after: string | null): string {
  return after === null ? `${name}/_tags/first.json` : `${name}/_tags/after/${after}.json`;
}

export function referrersDocument(name: string, digest: Digest): string {
  return `${name}/_referrers/${digest.text}.json`;
}

/** Null for any other path. */
export function listDocumentAt(path: string): ListDocument | null {
  const match = /^(.+?)\/(?:_tags\/(first)|_tags\/after\/([^/]+)|_referrers\/([^/]+))\.json$/.exec(path);
  if (match === null) return null;
  const [, name = '', first, after, referred] = match;
  if (!isName(name)) return null;
  if (first !== undefined) return { kind: 'tags', name, after: null };
  if (after !== undefined) return isTag(after) ? { kind: 'tags', name, after } : null;
  const digest = parseDigest(referred ?? '');
  return digest === null ? null : { kind: 'referrers', name, digest };
}
