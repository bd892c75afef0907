import type { NearFile } from '../../metadata/maven-files.ts';
import { coordinatesOf } from './coordinates.ts';
import { compareVersions } from './version-order.ts';
import { element, latest, mavenTime, type MetadataPart } from './xml.ts';

/** Artifact level: the versions that are there, in Maven's order. */
export function versionsOf(folder: readonly string[], files: readonly NearFile[]): MetadataPart | null {
  const present = files.filter((file) => coordinatesOf(file.path) !== null);
  if (folder.length < 2 || present.length === 0) return null;
  const versions = [...new Set(present.map((file) => file.path.split('/').at(-2) ?? ''))].sort(compareVersions);
  const releases = versions.filter((version) => !version.endsWith('-SNAPSHOT'));
  const modifiedAt = latest(present.map((file) => file.modifiedAt));
  return {
    modifiedAt,
    elements: [
      element('groupId', folder.slice(0, -1).join('.')),
      element('artifactId', folder.at(-1) ?? ''),
      element('versioning', [
        element('latest', versions.at(-1) ?? ''),
        ...releases.slice(-1).map((release) => element('release', release)),
        element('versions', versions.map((version) => element('version', version))),
        element('lastUpdated', mavenTime(modifiedAt)),
      ]),
    ],
  };
}
