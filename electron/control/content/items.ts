import type { ArtifactEffect, ArtifactItem } from '../../contract/index.ts';
import type { NodeApi } from '../node-api/index.ts';

/** A file or folder with everything that is known of it. Throws ARTIFACT_NOT_FOUND. */
export async function describeItem(node: NodeApi, repository: string, path: string, signal: AbortSignal): Promise<ArtifactItem> {
  const [item, properties] = await Promise.all([
    node.content.item(repository, path, signal),
    path === '' ? Promise.resolve({}) : node.content.properties(repository, path, signal),
  ]);
  const stamps = { repository, path, created: item.created, createdBy: item.createdBy, modified: item.lastModified, modifiedBy: item.modifiedBy, properties };
  if (item.kind === 'folder') {
    return { kind: 'folder', ...stamps, children: item.children.map(({ uri, folder }) => ({ name: uri.replace(/^\//, ''), folder })) };
  }
  const { size, mimeType, downloadUri, checksums, originalChecksums } = item;
  return {
    kind: 'file', ...stamps, size, mimeType, downloadUri,
    checksums: { sha256: checksums.sha256 ?? '', sha1: checksums.sha1 ?? '', md5: checksums.md5 ?? '' },
    declared: { sha256: originalChecksums.sha256 ?? null, sha1: originalChecksums.sha1 ?? null, md5: originalChecksums.md5 ?? null },
  };
}

/** What a deletion takes away. Throws ARTIFACT_NOT_FOUND. */
export async function deletionEffect(node: NodeApi, repository: string, path: string, signal: AbortSignal): Promise<ArtifactEffect> {
  const item = await node.content.item(repository, path, signal);
  const trash = false;
  if (item.kind === 'file') return { files: 1, bytes: item.size, trash };
  return { ...await node.content.countBelow(repository, path, signal), trash };
}
