/** How the entries of an archive are kept: `tgz` is a compressed `tar`. */
export type ArchiveKind = 'zip' | 'tar' | 'tgz';

const kinds: readonly (readonly [RegExp, ArchiveKind])[] = [
  [/\.(?:tar\.gz|tgz|crate)$/i, 'tgz'],
  [/\.tar$/i, 'tar'],
  [/\.(?:zip|jar|war|ear|aar|sar|har|hpi|jpi|whl|egg|nupkg|apk|vsix)$/i, 'zip'],
];

/** By the name of the file; null when it is no archive that can be looked into. */
export function archiveKind(path: string): ArchiveKind | null {
  return kinds.find(([pattern]) => pattern.test(path))?.[1] ?? null;
}
