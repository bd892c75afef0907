import { authorize, authorizeOneOf, readableItems } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { findFile, type StoredFile } from '../metadata/artifacts.ts';
import { folderContents, stampsOf, type Child, type FolderContents, type Stamps } from '../metadata/folders.ts';
import { artifactNotFound, type Content } from './content.ts';
import { fileJson, type FileJson } from './item-json.ts';
import { membersFor, shownMembers } from './members.ts';
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

/** `GET /api/storage/{repo}[/{path}]`; read from the database, never cached. */
export async function storageInfo(content: Content, principal: Principal, repositoryKey: string, path: string): Promise<FileInfo | FolderInfo> {
  const asFile = authorizeOneOf(principal, 'read', repositoryKey, path, [path, asFolder(path)]) === path;
  const { session, addresses } = content;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const file = path === '' || path.endsWith('/') ? undefined : await storedFile(content, principal, repository, path);
  if (file === undefined) return folderInfo(content, principal, repository, path);
  if (!asFile) authorize(principal, 'read', repositoryKey, path);
  const modified = file.modifiedAt.toISOString();
  return {
    ...fileJson(addresses, repositoryKey, file), uri: addresses.storage(repositoryKey, path),
    lastModified: modified, modifiedBy: file.modifiedBy, lastUpdated: modified,
  };
}

/** The file at a path of any class of repository, as far as it is here: nobody upstream is asked. */
async function storedFile({ session }: Content, principal: Principal, repository: Repository, path: string): Promise<StoredFile | undefined> {
  for (const member of await membersFor(session.coherence.read, principal, repository, path)) {
    const file = await findFile(session.db, member.id, path);
    if (file !== undefined) return file;
  }
  return undefined;
}

async function folderInfo(content: Content, principal: Principal, repository: Repository, path: string): Promise<FolderInfo> {
  const folder = asFolder(path);
  const { stamps, children } = await contentsIn(content, principal, repository, folder);
  if (stamps === null && folder !== '') throw artifactNotFound(repository.key, path);
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

/** What is directly in a folder (ends in "/", or is empty) of any class of repository, as far as it is here and the principal may read it; by name. */
export async function childrenIn(content: Content, principal: Principal, repository: Repository, folder: string): Promise<readonly Child[]> {
  return (await contentsIn(content, principal, repository, folder)).children;
}

async function contentsIn({ session }: Content, principal: Principal, repository: Repository, folder: string): Promise<FolderContents> {
  const children = new Map<string, Child>();
  const stamps: Stamps[] = [];
  for (const { member, shows } of await shownMembers(session.coherence.read, repository)) {
    const all = await folderContents(session.db, member.id, folder);
    if (all.stamps !== null) stamps.push(all.stamps);
    for (const child of readableItems(principal, member.key, all.children, ({ name, folder: isFolder }) => `${folder}${name}${isFolder ? '/' : ''}`)) {
      if ((child.folder || shows(folder + child.name)) && !children.has(child.name)) children.set(child.name, child);
    }
  }
  // as paths compare: a folder's name ends in a slash
  const key = ({ name, folder: isFolder }: Child): string => (isFolder ? `${name}/` : name);
  return { stamps: stamps.length === 0 ? null : stampsOf(stamps), children: [...children.values()].sort((a, b) => (key(a) < key(b) ? -1 : 1)) };
}

function asFolder(path: string): string {
  return path === '' || path.endsWith('/') ? path : `${path}/`;
}
