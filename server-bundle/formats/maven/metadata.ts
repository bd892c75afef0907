import { cacheKeys } from '../../cluster/cache-keys.ts';
import type { Reader } from '../../cluster/ports.ts';
import { filesNear, type NearFile } from '../../metadata/maven-files.ts';
import type { ComputedContent, ComputedDocument } from '../format.ts';
import { pluginsOf } from './plugins.ts';
import { snapshotsOf } from './snapshots.ts';
import { versionsOf } from './versions.ts';
import { element, xmlDocument } from './xml.ts';

const fileName = 'maven-metadata.xml';

/** The folder (ends in "/") whose metadata a path asks for; null when it is another file. */
export function metadataFolder(path: string): string | null {
  return path.endsWith(`/${fileName}`) ? path.slice(0, -fileName.length) : null;
}

/**
 * `maven-metadata.xml` of a folder, made of the files below it and of nothing else: so it is right whoever deployed what,
 * on whichever node (https://maven.apache.org/repositories/metadata.html). One folder may be a group, an artifact and a version at
 * once; each adds its part.
 */
export function mavenMetadata(repositoryId: number, folder: string): ComputedDocument {
  return {
    key: cacheKeys.mavenMetadata(repositoryId, folder),
    mimeType: 'application/xml',
    compute: async (db) => compute(db, repositoryId, folder),
  };
}

async function compute(db: Reader, repositoryId: number, folder: string): Promise<ComputedContent | undefined> {
  const segments = folder.slice(0, -1).split('/');
  // depth 1: files of the version; 2: of the versions; 3: of the artifacts of a group
  const files = await filesNear(db, repositoryId, folder, 3);
  if (files.length === 0) return undefined;
  const at = (depth: number): NearFile[] => files.filter((file) => file.depth === depth);
  const version = snapshotsOf(segments, at(1));
  const artifact = version === null ? versionsOf(segments, at(2)) : null;
  const group = version === null ? pluginsOf(segments, at(3)) : null;
  const parts = [version, artifact, group].filter((part) => part !== null);
  if (parts.length === 0) return undefined;
  const modifiedAt = new Date(Math.max(...parts.map((part) => part.modifiedAt.getTime())));
  const body = parts.flatMap((part) => part.elements);
  return { bytes: xmlDocument(element('metadata', body, { modelVersion: '1.1.0' })), modifiedAt, value: version?.newest };
}
