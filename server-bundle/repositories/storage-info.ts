import { authorize, mayRead, readableItems } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { findFile } from '../metadata/artifacts.ts';
import { artifactsBelow, childrenOf, folderExists, folderStamps } from '../metadata/folders.ts';
import { artifactNotFound, type Content } from './content.ts';
import { fileJson, type FileJson } from './item-json.ts';
import { listFolder, type ListedItem, type ListOptions } from './list-folder.ts';
import { readRepository, type Repository } from './repository.ts';

export interface FolderInfo {
  repo: string;
  path: string;
  created: string;
  createdBy: string;
  lastModified: string;
  modifiedBy: string;
  lastUpdated: string;
  children: { uri: string; folder: boolean }[];
  uri: string;
}
export interface FileInfo extends FileJson { lastModified: string; modifiedBy: string; lastUpdated: string }
export interface FileList { uri: string; created: string; files: ListedItem[] }

/** `GET /api/storage/{repo}[/{path}]`; read from the database, never cached. */
export async function storageInfo(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<FileInfo | FolderInfo> {
  const asFile = mayRead(principal, repositoryKey, path);
  authorize(principal, 'read', repositoryKey, asFile ? path : asFolder(path));
  const { session, addresses } = content;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const file = path === '' || path.endsWith('/') ? undefined : await findFile(session.db, repository.id, path);
  if (file === undefined) return folderInfo(content, principal, repository, path);
  if (!asFile) authorize(principal, 'read', repositoryKey, path);
  const modified = file.modifiedAt.toISOString();
  return {
    ...fileJson(addresses, repositoryKey, file), uri: addresses.storage(repositoryKey, path),
    lastModified: modified, modifiedBy: file.modifiedBy, lastUpdated: modified,
  };
}

async function folderInfo(content: Content, principal: Principal, repository: Repository, path: string): Promise<FolderInfo> {
  const { db } = content.session;
  const folder = asFolder(path);
  const stamps = await folderStamps(db, repository.id, folder);
  if (stamps === null && folder !== '') throw artifactNotFound(repository.key, path);
  const children = readableItems(principal, repository.key, await childrenOf(db, repository.id, folder), ({ name, folder: isFolder }) => `${folder}${name}${isFolder ? '/' : ''}`);
  const plain = folder.slice(0, -1);
  const epoch = new Date(0);
  const { createdAt, createdBy, modifiedAt, modifiedBy } = stamps ?? { createdAt: epoch, createdBy: 'system', modifiedAt: epoch, modifiedBy: 'system' };
  return {
    repo: repository.key, path: `/${plain}`, created: createdAt.toISOString(), createdBy,
    lastModified: modifiedAt.toISOString(), modifiedBy, lastUpdated: modifiedAt.toISOString(),
    children: children.map((child) => ({ uri: `/${child.name}`, folder: child.folder })),
    uri: content.addresses.storage(repository.key, plain),
  };
}

/** `GET /api/storage/{repo}/{folder}?list`. @throws ARTIFACT_NOT_FOUND for what is no folder */
export async function storageList(content: Content, principal: Principal, repositoryKey: string, path: string, options: ListOptions): Promise<FileList> {
  const folder = asFolder(path);
  authorize(principal, 'read', repositoryKey, folder);
  const { session, addresses } = content;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  if (folder !== '' && !await folderExists(session.db, repository.id, folder)) throw artifactNotFound(repositoryKey, path);
  return {
    uri: addresses.storage(repositoryKey, folder.slice(0, -1)),
    created: new Date().toISOString(),
    files: listFolder(folder, readableItems(principal, repositoryKey, await artifactsBelow(session.db, repository.id, folder), (artifact) => artifact.path), options),
  };
}

function asFolder(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
