import type { StoredFile } from '../metadata/artifacts.ts';
import type { Addresses } from './content.ts';

/** Checksums in the order in which Artifactory lists them. */
interface ChecksumsJson { sha1?: string; md5?: string; sha256?: string }

/** A file as Artifactory describes it, in the answer to a deploy and (with more) in `GET /api/storage`. */
export interface FileJson {
  repo: string;
  path: string;
  created: string;
  createdBy: string;
  downloadUri: string;
  mimeType: string;
  /** bytes, as a string */
  size: string;
  checksums: ChecksumsJson;
  originalChecksums: ChecksumsJson;
  uri: string;
}

/** What is told of a blob. */
export type DescribedBlob = Pick<StoredFile['blob'], 'size' | 'sha1' | 'md5' | 'sha256'>;

export function fileJson(
  addresses: Addresses, repositoryKey: string, file: Omit<StoredFile, 'repositoryId' | 'modifiedAt' | 'modifiedBy' | 'blob'> & { readonly blob: DescribedBlob },
): FileJson {
  const { blob, original } = file;
  return {
    repo: repositoryKey,
    path: `/${file.path}`,
    created: file.createdAt.toISOString(),
    createdBy: file.createdBy,
    downloadUri: addresses.artifact(repositoryKey, file.path),
    mimeType: file.mimeType,
    size: String(blob.size),
    checksums: { sha1: blob.sha1, md5: blob.md5, sha256: blob.sha256 },
    originalChecksums: {
      ...(original.sha1 === null ? {} : { sha1: original.sha1 }),
      ...(original.md5 === null ? {} : { md5: original.md5 }),
      // Artifactory lists the SHA-256 here whether it was declared or not
      sha256: original.sha256 ?? blob.sha256,
    },
    uri: addresses.artifact(repositoryKey, file.path),
  };
}

/** The media type of an answer to a deploy. */
export const itemCreated = 'application/vnd.org.jfrog.artifactory.storage.ItemCreated+json;charset=UTF-8';
