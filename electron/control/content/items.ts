import { trashRepository, type ArtifactEffect, type ArtifactItem } from '../../contract/index.ts';
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
  const [item, trash] = await Promise.all([node.content.item(repository, path, signal), goesToTrash(node, repository, signal)]);
  if (item.kind === 'file') return { files: 1, bytes: item.size, trash };
  return { ...await node.content.countBelow(repository, path, signal), trash };
}

/** What a local repository loses is kept, where the trash can is on; a cache only forgets. */
async function goesToTrash(node: NodeApi, repository: string, signal: AbortSignal): Promise<boolean> {
  if (repository === trashRepository) return false;
  const [settings, configuration] = await Promise.all([node.content.trashSettings(signal), node.content.configuration(repository, signal)]);
  return settings?.enabled === true && configuration['rclass'] === 'local';
}
