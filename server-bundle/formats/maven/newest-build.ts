import type { FormatRepository, StandIn } from '../format.ts';
import { coordinatesOf, kindOf } from './coordinates.ts';
import { mavenMetadata } from './metadata.ts';
import type { MetadataPart } from './xml.ts';

/** As in Artifactory: `a-1.0-SNAPSHOT.jar` is the newest build, where all of them are kept under names of their own. */
export function newestBuild(repository: FormatRepository, path: string): StandIn | null {
  const coordinates = coordinatesOf(path);
  if (coordinates?.snapshot !== 'overwritten') return null;
  return {
    document: mavenMetadata(repository.id, path.slice(0, path.lastIndexOf('/') + 1)),
    pathIn: ({ value }) => (value as MetadataPart['newest'])?.get(kindOf(coordinates)),
  };
}
