import { BulkheadError } from '../../contract/index.ts';
import type { Format, FormatRepository, InspectedFile } from '../format.ts';
import { inspectMovedContent } from './inspect-moved.ts';
import { placeOf } from './paths.ts';
import { ociRemote } from './remote.ts';
import { ociSettings } from './settings.ts';

/**
 * Images and other artifacts as the OCI distribution specification 1.1 moves them. Blobs, manifests and tags are files of the repository (see
 * `paths.ts`), so that browsing, copying, rights and the collection of garbage need nothing of their own.
 */
function ociFormat(packageType: string, displayName: string): Format {
  return {
    packageType,
    displayName,
    layout: 'simple-default',
    settings: ociSettings,
    admit: (repository, path) => {
      if (placeOf(path) === null) throw violation(repository, path, 'only blobs, manifests and tags lie in such a repository');
    },
    // what lies under its digest is replaced by the same bytes only; replacing a tag is decided by whoever pushes a manifest
    isMutable: (path) => {
      const place = placeOf(path);
      return place !== null && place.kind !== 'tag';
    },
    computed: () => null,
    touches: () => [],
    touchesBelow: () => ({ keys: [] }),
    inspect: async (repository, path, file) => inspectBlob(repository, path, file),
    inspectMoved: inspectMovedContent,
    remote: ociRemote,
  };
}

/** Of what does not come through the registry API: a blob that is what its path says, nothing else. */
function inspectBlob(repository: FormatRepository, path: string, file: InspectedFile): null {
  const place = placeOf(path);
  if (place?.kind !== 'blob' || place.digest.algorithm !== 'sha256') throw violation(repository, path, 'push it with a client for images');
  if (place.digest.hex !== file.sha256) throw new BulkheadError('CHECKSUM_MISMATCH', `The bytes have the digest sha256:${file.sha256}`);
  return null;
}

function violation(repository: FormatRepository, path: string, reason: string): BulkheadError {
  return new BulkheadError('LAYOUT_VIOLATION', `${repository.key} does not take ${path}: ${reason}`);
}

export const docker = ociFormat('docker', 'Docker');
export const oci = ociFormat('oci', 'OCI');
export const helmOci = ociFormat('helmoci', 'HelmOCI');
