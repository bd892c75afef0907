/** Names, tags and digests as the distribution specification 1.1 defines them ("Pulling manifests"; image-spec, "Digests"). */

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const wholeName = new RegExp(`^${component}(?:/${component})*$`);
const wholeTag = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/;
const wholeDigest = /^(?:(sha256):([0-9a-f]{64})|(sha512):([0-9a-f]{128}))$/;

/** Many clients limit host and name together to 255 characters. */
const maxNameLength = 255;

export type DigestAlgorithm = 'sha256' | 'sha512';

export interface Digest {
  readonly algorithm: DigestAlgorithm;
  /** lower-case hexadecimal */
  readonly hex: string;
  /** as it is written: `sha256:…` */
  readonly text: string;
}

/** What stands behind `/manifests/`. */
export type Reference =
  | { readonly kind: 'tag'; readonly tag: string }
  | { readonly kind: 'digest'; readonly digest: Digest };

export function isName(text: string): boolean {
  return text.length <= maxNameLength && wholeName.test(text);
}

export function isTag(text: string): boolean {
  return wholeTag.test(text);
}

/** Null for what is no digest, or one of an algorithm that is not known here. */
export function parseDigest(text: string): Digest | null {
  const match = wholeDigest.exec(text);
  if (match === null) return null;
  const [, sha256, hex256, , hex512] = match;
  return sha256 === undefined
    ? { algorithm: 'sha512', hex: hex512 ?? '', text }
    : { algorithm: 'sha256', hex: hex256 ?? '', text };
}

/** Null for what is neither a tag nor a digest. */
export function parseReference(text: string): Reference | null {
  const digest = parseDigest(text);
  if (digest !== null) return { kind: 'digest', digest };
  return isTag(text) ? { kind: 'tag', tag: text } : null;
}

/** The tag under which clients of registries without the referrers API keep the list of what refers to a manifest ("Referrers tag schema"). */
export function referrersTag(subject: Digest): string {
  return `${subject.algorithm.slice(0, 32)}-${subject.hex.slice(0, 64)}`;
}
