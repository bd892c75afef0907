import { BulkheadError } from '../../contract/index.ts';
import { addressBelow } from '../file-upstream.ts';
import type { RemoteFormat } from '../remote-format.ts';
import { coordinatesOf } from './coordinates.ts';
import { metadataFolder } from './metadata.ts';
import { parseMetadata } from './parse-metadata.ts';
import { mavenSettings } from './settings.ts';

/** Files that repositories replace under one name, besides metadata and snapshots: catalogs and search indexes. */
const replaced = /(?:^|\/)(?:archetype-catalog\.xml|\.index\/.+|nexus-maven-repository-index[^/]*)$/;

/** A Maven repository elsewhere has the same tree. */
export const mavenRemote: RemoteFormat = {
  upstream: async ({ config }, path) => {
    const coordinates = coordinatesOf(path);
    const { handleReleases, handleSnapshots } = mavenSettings.parse(config);
    const isSnapshot = (coordinates !== null && coordinates.snapshot !== null) || isSnapshotFolder(path);
    if (isSnapshot && !handleSnapshots) return null;
    if (!isSnapshot && coordinates !== null && !handleReleases) return null;
    const url = addressBelow(path);
    const isDocument = metadataFolder(path) !== null || coordinates?.snapshot === 'overwritten' || replaced.test(path);
    // a document and its checksum are replaced one after the other: in between they do not fit
    return isDocument ? { url, kind: 'document' } : { url, kind: 'file', hasSidecars: true };
  },
  document: (_repository, path, { bytes, modifiedAt }) => {
    if (metadataFolder(path) !== null && parseMetadata(bytes) === undefined) {
      throw new BulkheadError('UPSTREAM_INVALID', `Upstream sent something at '${path}' that is no Maven metadata`);
    }
    return { bytes, modifiedAt };
  },
};

/** The metadata of a snapshot lies in the folder of its version. */
function isSnapshotFolder(path: string): boolean {
  return path.split('/').at(-2)?.endsWith('-SNAPSHOT') === true;
}
