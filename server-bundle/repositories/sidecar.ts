/** A checksum file beside an artifact: `a.jar.sha1` for `a.jar`. It is made from metadata and never stored. */
export interface Sidecar {
  /** path of the artifact that it belongs to */
  readonly target: string;
  readonly algorithm: SidecarAlgorithm;
}

export type SidecarAlgorithm = 'md5' | 'sha1' | 'sha256' | 'sha512';

const hexLength: Readonly<Record<SidecarAlgorithm, number>> = { md5: 32, sha1: 40, sha256: 64, sha512: 128 };
const named = /^(.*[^/])\.(md5|sha1|sha256|sha512)$/;

/** What a path is the sidecar of; null for any other file. */
export function sidecarOf(path: string): Sidecar | null {
  const match = named.exec(path);
  const [, target, algorithm] = match ?? [];
  return target === undefined ? null : { target, algorithm: algorithm as SidecarAlgorithm };
}

/**
 * The checksum in a sidecar's content: alone, before a file name (`sha1sum`), or after one (`SHA1(a.jar)= …`).
 * Lower case; null when there is none of the algorithm's length.
 */
export function checksumIn(content: string, algorithm: SidecarAlgorithm): string | null {
  const match = new RegExp(`(?<![0-9a-fA-F])[0-9a-fA-F]{${String(hexLength[algorithm])}}(?![0-9a-fA-F])`).exec(content);
  return match === null ? null : match[0].toLowerCase();
}
