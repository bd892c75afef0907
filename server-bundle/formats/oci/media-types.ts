export const ociIndex = 'application/vnd.oci.image.index.v1+json';
export const ociManifest = 'application/vnd.oci.image.manifest.v1+json';
export const dockerList = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json';

/** What upstream is asked for: everything that a manifest can be, in one request. */
export const manifestAccept = [ociIndex, ociManifest, dockerList, dockerManifest, 'application/vnd.oci.artifact.manifest.v1+json'].join(', ');

export const isIndexType = (mediaType: string): boolean => mediaType === ociIndex || mediaType === dockerList;
export const isImageType = (mediaType: string): boolean => mediaType === ociManifest || mediaType === dockerManifest;
