import type { FormatRepository } from '../format.ts';
import type { RemoteFormat, UpstreamRequest } from '../remote-format.ts';
import { listDocumentAt } from './documents.ts';
import { manifestAccept, ociIndex } from './media-types.ts';
import type { Digest } from './names.ts';
import { placeOf } from './paths.ts';

/** Tags asked for at once: the most that registries which limit it allow. */
const tagsAtOnce = 1000;

/** A remote repository stands in for a registry: `url` is the registry's address, without `/v2`. */
export const ociRemote: RemoteFormat = {
  upstream: async (repository, path) => requestFor(repository, path),
  isList: (path) => listDocumentAt(path) !== null,
};

function requestFor(repository: FormatRepository, path: string): UpstreamRequest | null {
  const list = listDocumentAt(path);
  if (list?.kind === 'tags') {
    const after = list.after === null ? '' : `&last=${encodeURIComponent(list.after)}`;
    return { url: `v2/${nameUpstream(repository, list.name)}/tags/list?n=${String(tagsAtOnce)}${after}`, kind: 'document', accept: 'application/json', mediaType: 'upstream' };
  }
  if (list?.kind === 'referrers') {
    return { url: `v2/${nameUpstream(repository, list.name)}/referrers/${list.digest.text}`, kind: 'document', accept: ociIndex, mediaType: 'upstream' };
  }
  const place = placeOf(path);
  if (place === null) return null;
  const base = `v2/${nameUpstream(repository, place.name)}`;
  switch (place.kind) {
    case 'blob': return { url: `${base}/blobs/${place.digest.text}`, kind: 'file', expected: expected(place.digest) };
    case 'manifest': return { url: `${base}/manifests/${place.digest.text}`, kind: 'file', accept: manifestAccept, expected: expected(place.digest), mediaType: 'upstream' };
    case 'tag': return { url: `${base}/manifests/${place.tag}`, kind: 'document', accept: manifestAccept, mediaType: 'upstream' };
  }
}

function expected({ algorithm, hex }: Digest): { sha256: string } | { sha512: string } {
  return algorithm === 'sha256' ? { sha256: hex } : { sha512: hex };
}

/** Docker Hub keeps its own images under `library/`, and its clients leave that out. */
function nameUpstream({ config }: FormatRepository, name: string): string {
  const remote = config['remote'];
  const url = typeof remote === 'object' && remote !== null && 'url' in remote ? URL.parse(String(remote.url)) : null;
  const isHub = url !== null && (url.hostname === 'docker.io' || url.hostname.endsWith('.docker.io'));
  return isHub && !name.includes('/') ? `library/${name}` : name;
}
