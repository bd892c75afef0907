import type { ListedArtifact } from '../metadata/folder-pages.ts';

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
  /** of a folder: as its own marker has it, or the first item in it */
  lastModified: string;
  folder: boolean;
  sha1?: string;
  sha2?: string;
  mdTimestamps?: Record<string, string>;
}

/**
 * Lists a folder while its content comes: told of one artifact after the other, by path, it says which entries each adds. A folder comes
 * before the first entry in it, so nothing has to be remembered but where the last artifact was.
 * @param folder ends in "/", or is empty for the repository
 */
export function folderLister(folder: string, options: ListOptions): (artifact: ListedArtifact) => ListedItem[] {
  let last: readonly string[] | null = null;
  const extra = options.mdTimestamps ? { mdTimestamps: {} } : {};
  const wanted = (depth: number): boolean => (depth === 0 ? options.includeRootPath : options.listFolders && depth <= options.depth);
  return ({ path, modifiedAt, blob }) => {
    const segments = path.slice(folder.length).split('/');
    const name = segments.pop() ?? '';
    const lastModified = modifiedAt.toISOString();
    const items: ListedItem[] = [];
    for (let depth = last === null ? 0 : sharedDepth(last, segments) + 1; depth <= segments.length; depth += 1) {
      if (wanted(depth)) items.push({ uri: `/${segments.slice(0, depth).join('/')}`, size: -1, lastModified, folder: true, ...extra });
    }
    last = segments;
    if (blob !== null && segments.length < options.depth) {
      items.push({ uri: `/${[...segments, name].join('/')}`, size: blob.size, lastModified, folder: false, sha1: blob.sha1, sha2: blob.sha256, ...extra });
    }
    return items;
  };
}

/** How many folders two paths have in common, from the top. */
function sharedDepth(one: readonly string[], other: readonly string[]): number {
  const apart = one.findIndex((segment, depth) => segment !== other[depth]);
  return apart === -1 ? one.length : apart;
}
