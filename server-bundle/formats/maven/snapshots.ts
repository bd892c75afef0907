import type { NearFile } from '../../metadata/maven-files.ts';
import { coordinatesOf, kindOf, type Coordinates } from './coordinates.ts';
import { element, latest, mavenTime, type MetadataPart, type Xml } from './xml.ts';

interface SnapshotFile extends Coordinates { readonly path: string; readonly modifiedAt: Date }

/** Version level of a snapshot: the newest build, and for each classifier and extension the newest file. */
export function snapshotsOf(folder: readonly string[], files: readonly NearFile[]): MetadataPart | null {
  const version = folder.at(-1) ?? '';
  if (folder.length < 3 || !version.endsWith('-SNAPSHOT')) return null;
  const present = files.flatMap((file): SnapshotFile[] => {
    const coordinates = coordinatesOf(file.path);
    return coordinates === null ? [] : [{ ...coordinates, path: file.path, modifiedAt: file.modifiedAt }];
  }).sort(byBuild);
  const newest = present.at(-1);
  if (newest === undefined) return null;
  const newestOfEach = new Map(present.map((file) => [kindOf(file), file]));
  const modifiedAt = latest(present.map((file) => file.modifiedAt));
  return {
    modifiedAt, newest: new Map([...newestOfEach].map(([kind, { path }]) => [kind, path])),
    elements: [
      element('groupId', folder.slice(0, -2).join('.')),
      element('artifactId', folder.at(-2) ?? ''),
      element('version', version),
      element('versioning', [
        ...snapshotElement(newest),
        element('lastUpdated', mavenTime(modifiedAt)),
        element('snapshotVersions', [...newestOfEach.values()].map(snapshotVersion)),
      ]),
    ],
  };
}

/** Overwritten files before time-stamped ones, these by build number, then by time. */
function byBuild(a: SnapshotFile, b: SnapshotFile): number {
  return (a.buildNumber ?? 0) - (b.buildNumber ?? 0) || (a.timestamp ?? '').localeCompare(b.timestamp ?? '');
}

function snapshotElement(newest: SnapshotFile): Xml[] {
  if (newest.timestamp === null) return [];
  return [element('snapshot', [element('timestamp', newest.timestamp), element('buildNumber', String(newest.buildNumber))])];
}

function snapshotVersion(file: SnapshotFile): Xml {
  return element('snapshotVersion', [
    ...(file.classifier === null ? [] : [element('classifier', file.classifier)]),
    element('extension', file.extension),
    element('value', file.version),
    // the time in the name is the client's; Maven compares it with other times from names
    element('updated', file.timestamp === null ? mavenTime(file.modifiedAt) : file.timestamp.replace('.', '')),
  ]);
}
