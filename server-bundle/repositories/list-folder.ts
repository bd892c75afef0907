import type { StoredArtifact } from '../metadata/artifacts.ts';

export interface ListOptions {
  /** levels below the folder; Infinity for all */
  readonly depth: number;
  readonly listFolders: boolean;
  readonly mdTimestamps: boolean;
  readonly includeRootPath: boolean;
}

/** One entry of Artifactory's file list; a folder's size is −1. */
export interface ListedItem {
  uri: string;
  size: number;
  lastModified: string;
  folder: boolean;
  sha1?: string;
  sha2?: string;
  mdTimestamps?: Record<string, string>;
}

/**
 * The list of a folder.
 * @param folder    ends in "/", or is empty for the repository
 * @param artifacts everything below it, by path
 */
export function listFolder(folder: string, artifacts: readonly StoredArtifact[], options: ListOptions): ListedItem[] {
  const folders = new Map<string, Date>();
  const items: ListedItem[] = [];
  const extra = options.mdTimestamps ? { mdTimestamps: {} } : {};
  for (const { path, modifiedAt, blob } of artifacts) {
    const segments = path.slice(folder.length).split('/');
    const name = segments.pop() ?? '';
    for (let depth = 0; depth <= segments.length; depth += 1) {
      const above = segments.slice(0, depth).join('/');
      const known = folders.get(above);
      if (known === undefined || known < modifiedAt) folders.set(above, modifiedAt);
    }
    if (blob === null || segments.length + 1 > options.depth) continue;
    items.push({
      uri: `/${[...segments, name].join('/')}`, size: blob.size, lastModified: modifiedAt.toISOString(), folder: false,
      sha1: blob.sha1, sha2: blob.sha256, ...extra,
    });
  }
  for (const [path, modifiedAt] of folders) {
    const isRoot = path === '';
    if (isRoot ? !options.includeRootPath : !options.listFolders || path.split('/').length > options.depth) continue;
    items.push({ uri: `/${path}`, size: -1, lastModified: modifiedAt.toISOString(), folder: true, ...extra });
  }
  return items.sort((a, b) => (a.uri < b.uri ? -1 : a.uri > b.uri ? 1 : 0));
}
