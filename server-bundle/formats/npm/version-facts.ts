import type { FileWithFacts } from '../../metadata/artifact-facts.ts';
import type { StoredFile } from '../../metadata/artifacts.ts';
import { packageFileOf, plainTarballPath, tarballPath } from './paths.ts';

/** What is kept of one version, beside its tarball. */
export interface VersionFacts {
  readonly name: string;
  readonly version: string;
  /** the version's manifest as JSON text, without what the server adds (`addedFields`); text, so that the order of its keys stays */
  readonly manifest: string;
  /** Subresource Integrity of the tarball, SHA-512 */
  readonly integrity: string;
  readonly fileCount?: number;
  /** bytes */
  readonly unpackedSize?: number;
  readonly readme?: string;
  /** why not to use it */
  readonly deprecated?: string;
  /** when deprecation was last set or taken back, ISO 8601 */
  readonly deprecationAt?: string;
  /** for the search: name, keywords and description as words in lower case */
  readonly npmWords: string;
}

/** Fields of a manifest that belong to the server. */
export const addedFields: ReadonlySet<string> = new Set([
  '_id', '_rev', '_attachments', 'dist', 'deprecated', 'readme', 'readmeFilename', '_npmUser', 'maintainers', 'hasInstallScript', '__proto__',
]);

/** One version that is there: its facts and its tarball. */
export interface StoredVersion {
  readonly facts: VersionFacts;
  readonly file: StoredFile;
}

/** The versions among the files of a package, by version. A version has one tarball: the place where clients publish comes first. */
export function versionsAmong(name: string, files: readonly FileWithFacts[]): Map<string, StoredVersion> {
  const versions = new Map<string, StoredVersion>();
  for (const { file, facts } of files) {
    if (!isVersionFacts(facts) || facts.name !== name || packageFileOf(file.path)?.name !== name) continue;
    const rank = placeOf(file.path, facts);
    const other = versions.get(facts.version);
    if (rank !== null && (other === undefined || rank < (placeOf(other.file.path, other.facts) ?? 2))) versions.set(facts.version, { facts, file });
  }
  return versions;
}

/** 0: where clients publish; 1: without the scope; null: a copy under another name, which no index lists. */
function placeOf(path: string, { name, version }: VersionFacts): 0 | 1 | null {
  if (path === tarballPath(name, version)) return 0;
  return path === plainTarballPath(name, version) ? 1 : null;
}

export function isVersionFacts(facts: unknown): facts is VersionFacts {
  return typeof facts === 'object' && facts !== null && 'npmWords' in facts && 'manifest' in facts;
}
