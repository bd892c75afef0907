/** Where a file stands in the Maven layout. */
export interface Coordinates {
  /** with dots */
  readonly groupId: string;
  readonly artifactId: string;
  /** name of the version's folder, for example `1.2` or `1.2-SNAPSHOT` */
  readonly baseVersion: string;
  /** version in the file's name: `1.2`, `1.2-SNAPSHOT` or `1.2-20260101.120000-3` */
  readonly version: string;
  /** `unique`: a time-stamped snapshot; `overwritten`: one named -SNAPSHOT, replaced by each deploy; null: a release */
  readonly snapshot: 'unique' | 'overwritten' | null;
  /** of a unique snapshot */
  readonly timestamp: string | null;
  readonly buildNumber: number | null;
  readonly classifier: string | null;
  readonly extension: string;
}

const snapshotSuffix = '-SNAPSHOT';
/** An extension does not begin with a digit (`7z` apart), so that the classifier may hold dots: `-jdk1.5.jar`. */
const tail = /^(?:-(.+?))?\.((?!\d)[^-/]+|7z)$/;
const uniqueSnapshot = /^(\d{8}\.\d{6})-(\d+)/;

/** The coordinates that a path stands for; null when it is not a file of a version in Maven's layout. */
export function coordinatesOf(path: string): Coordinates | null {
  const segments = path.split('/');
  const file = segments.pop() ?? '';
  const baseVersion = segments.pop();
  const artifactId = segments.pop();
  if (baseVersion === undefined || artifactId === undefined || segments.length === 0) return null;
  if (!file.startsWith(`${artifactId}-`)) return null;
  const named = versionIn(file.slice(artifactId.length + 1), baseVersion);
  if (named === null) return null;
  const match = tail.exec(named.rest);
  if (match === null) return null;
  return {
    groupId: segments.join('.'), artifactId, baseVersion, version: named.version, snapshot: named.snapshot,
    timestamp: named.timestamp, buildNumber: named.buildNumber, classifier: match[1] ?? null, extension: match[2] ?? '',
  };
}

type NamedVersion = Pick<Coordinates, 'version' | 'snapshot' | 'timestamp' | 'buildNumber'> & { rest: string };

function versionIn(text: string, baseVersion: string): NamedVersion | null {
  const isSnapshot = baseVersion.endsWith(snapshotSuffix);
  if (text.startsWith(baseVersion)) {
    return {
      version: baseVersion, snapshot: isSnapshot ? 'overwritten' : null, timestamp: null, buildNumber: null, rest: text.slice(baseVersion.length),
    };
  }
  if (!isSnapshot) return null;
  const stem = baseVersion.slice(0, -'SNAPSHOT'.length);
  if (!text.startsWith(stem)) return null;
  const match = uniqueSnapshot.exec(text.slice(stem.length));
  if (match === null) return null;
  const version = stem + match[0];
  return { version, snapshot: 'unique', timestamp: match[1] ?? '', buildNumber: Number(match[2]), rest: text.slice(version.length) };
}

/** What files of one version have in common that differ by their build only. */
export function kindOf({ classifier, extension }: Pick<Coordinates, 'classifier' | 'extension'>): string {
  return `${classifier ?? ''}.${extension}`;
}

/** The up to `count` folders above a path, the nearest first, each ending in "/"; the repository itself is not among them. */
export function parentFolders(path: string, count: number): string[] {
  const segments = path.split('/').filter((segment) => segment !== '').slice(0, -1);
  return segments.map((_, depth) => `${segments.slice(0, segments.length - depth).join('/')}/`).slice(0, count);
}
