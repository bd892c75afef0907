import type { ComputedContent, DocumentPart } from '../format.ts';
import { parseMetadata, type Metadata, type Plugin, type SnapshotVersion } from './parse-metadata.ts';
import { compareVersions } from './version-order.ts';
import { element, latest, mavenTime, xmlDocument, type Xml } from './xml.ts';

const read = new WeakMap<ComputedContent, Metadata>();

/** What a part says; the same part is read once. */
function metadataOf(content: ComputedContent): Metadata | undefined {
  const known = read.get(content);
  if (known !== undefined) return known;
  const parsed = parseMetadata(content.bytes);
  if (parsed !== undefined) read.set(content, parsed);
  return parsed;
}

/**
 * One `maven-metadata.xml` of those of a virtual repository's members: versions and plugins united, the newest file of each kind of a
 * snapshot. What says which is the latest is made anew: no member knows the versions of the others.
 */
export function mergeMetadata(parts: readonly DocumentPart[]): ComputedContent {
  const read = parts.flatMap(({ content }) => metadataOf(content) ?? []);
  const modifiedAt = latest(parts.map(({ content }) => content.modifiedAt));
  const first = (value: (metadata: Metadata) => string | null): string | null => read.map(value).find((found) => found !== null) ?? null;
  const [groupId, artifactId, version] = [first((each) => each.groupId), first((each) => each.artifactId), first((each) => each.version)];
  const body = [
    ...optional('groupId', groupId), ...optional('artifactId', artifactId), ...optional('version', version),
    ...versioning(read, modifiedAt), ...pluginList(read.flatMap(({ plugins }) => plugins)),
  ];
  return { bytes: xmlDocument(element('metadata', body, { modelVersion: '1.1.0' })), modifiedAt };
}

function versioning(read: readonly Metadata[], modifiedAt: Date): Xml[] {
  const versions = [...new Set(read.flatMap((each) => each.versions))].sort(compareVersions);
  const snapshotVersions = newestOfEach(read.flatMap((each) => each.snapshotVersions));
  const snapshot = read.flatMap((each) => each.snapshot ?? []).sort((a, b) => a.timestamp.localeCompare(b.timestamp) || a.buildNumber - b.buildNumber).at(-1);
  if (versions.length === 0 && snapshotVersions.length === 0 && snapshot === undefined) return [];
  const lastUpdated = read.flatMap((each) => each.lastUpdated ?? []).sort().at(-1) ?? mavenTime(modifiedAt);
  return [element('versioning', [
    ...optional('latest', versions.at(-1) ?? null),
    ...optional('release', versions.filter((each) => !each.endsWith('-SNAPSHOT')).at(-1) ?? null),
    ...(snapshot === undefined ? [] : [element('snapshot', [element('timestamp', snapshot.timestamp), element('buildNumber', String(snapshot.buildNumber))])]),
    ...(versions.length === 0 ? [] : [element('versions', versions.map((each) => element('version', each)))]),
    element('lastUpdated', lastUpdated),
    ...(snapshotVersions.length === 0 ? [] : [element('snapshotVersions', snapshotVersions.map((each) => element('snapshotVersion', [
      ...optional('classifier', each.classifier), element('extension', each.extension), element('value', each.value), element('updated', each.updated),
    ])))]),
  ])];
}

/** By classifier and extension, as Maven chooses a file; of two with one time the earlier member's. */
function newestOfEach(all: readonly SnapshotVersion[]): SnapshotVersion[] {
  const newest = new Map<string, SnapshotVersion>();
  for (const each of all) {
    const kind = JSON.stringify([each.classifier, each.extension]);
    const present = newest.get(kind);
    if (present === undefined || present.updated < each.updated) newest.set(kind, each);
  }
  return [...newest.values()];
}

function pluginList(all: readonly Plugin[]): Xml[] {
  const byArtifact = new Map<string, Plugin>();
  for (const plugin of all) if (!byArtifact.has(plugin.artifactId)) byArtifact.set(plugin.artifactId, plugin);
  if (byArtifact.size === 0) return [];
  const sorted = [...byArtifact.values()].sort((a, b) => (a.artifactId < b.artifactId ? -1 : 1));
  return [element('plugins', sorted.map(({ name, prefix, artifactId }) => element('plugin', [
    element('name', name), element('prefix', prefix), element('artifactId', artifactId),
  ])))];
}

function optional(name: string, value: string | null): Xml[] {
  return value === null ? [] : [element(name, value)];
}
