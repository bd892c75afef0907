import { XMLParser } from 'fast-xml-parser';

/** What `maven-metadata.xml` says (https://maven.apache.org/ref/current/maven-repository-metadata/), at whichever level. */
export interface Metadata {
  readonly groupId: string | null;
  readonly artifactId: string | null;
  readonly version: string | null;
  readonly versions: readonly string[];
  /** `yyyyMMddHHmmss` */
  readonly lastUpdated: string | null;
  readonly snapshot: { readonly timestamp: string; readonly buildNumber: number } | null;
  readonly snapshotVersions: readonly SnapshotVersion[];
  readonly plugins: readonly Plugin[];
}
export interface SnapshotVersion { readonly classifier: string | null; readonly extension: string; readonly value: string; readonly updated: string }
export interface Plugin { readonly name: string; readonly prefix: string; readonly artifactId: string }

/** More is no metadata. Bytes. */
const largest = 64 * 1024 * 1024;
const lists = new Set(['version', 'snapshotVersion', 'plugin']);

type Node = Readonly<Record<string, unknown>>;

/** Entities are left alone: a document must not be able to make itself larger than it is. */
const parser = new XMLParser({ ignoreAttributes: true, parseTagValue: false, processEntities: false, isArray: (name) => lists.has(name) });

/** Undefined for what is not Maven's metadata: other XML, a page of a web server, a document with a type declaration. */
export function parseMetadata(bytes: Buffer): Metadata | undefined {
  if (bytes.length > largest) return undefined;
  const text = bytes.toString('utf8');
  if (/<!(?:DOCTYPE|ENTITY)/i.test(text)) return undefined;
  let document: unknown;
  try {
    document = parser.parse(text);
  } catch {
    return undefined;
  }
  if (!isNode(document) || !('metadata' in document)) return undefined;
  const metadata = nodeOf(document['metadata']);
  const versioning = nodeOf(metadata['versioning']);
  const snapshot = nodeOf(versioning['snapshot']);
  const timestamp = textOf(snapshot['timestamp']);
  return {
    groupId: textOf(metadata['groupId']), artifactId: textOf(metadata['artifactId']),
    // a list because of the element of the same name below "versions"
    version: listOf(metadata['version']).map(textOf)[0] ?? null,
    versions: listOf(nodeOf(versioning['versions'])['version']).flatMap((version) => textOf(version) ?? []),
    lastUpdated: textOf(versioning['lastUpdated']),
    snapshot: timestamp === null ? null : { timestamp, buildNumber: Number(textOf(snapshot['buildNumber']) ?? 0) || 0 },
    snapshotVersions: listOf(nodeOf(versioning['snapshotVersions'])['snapshotVersion']).flatMap((entry) => snapshotVersionOf(nodeOf(entry)) ?? []),
    plugins: listOf(nodeOf(metadata['plugins'])['plugin']).flatMap((entry) => pluginOf(nodeOf(entry)) ?? []),
  };
}

function snapshotVersionOf(entry: Node): SnapshotVersion | null {
  const [extension, value] = [textOf(entry['extension']), textOf(entry['value'])];
  return extension === null || value === null ? null : { classifier: textOf(entry['classifier']), extension, value, updated: textOf(entry['updated']) ?? '' };
}

function pluginOf(entry: Node): Plugin | null {
  const [prefix, artifactId] = [textOf(entry['prefix']), textOf(entry['artifactId'])];
  return prefix === null || artifactId === null ? null : { name: textOf(entry['name']) ?? artifactId, prefix, artifactId };
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nodeOf(value: unknown): Node {
  return isNode(value) ? value : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function textOf(value: unknown): string | null {
  if (typeof value !== 'string' || value === '') return null;
  return value.replace(/&(amp|lt|gt|quot|apos);/g, (whole, name: string) => entities[name] ?? whole);
}
