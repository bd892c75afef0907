import { authorizeOneOf, mayRead } from '../security/authorize.ts';
import type { Principal } from '../security/principal.ts';
import { pageBelow, pageOfChildren, type ListedArtifact } from '../metadata/folder-pages.ts';
import { artifactNotFound, type Content } from './content.ts';
import { folderLister, type ListedItem, type ListOptions } from './list-folder.ts';
import { shownMembers } from './members.ts';
import { merged } from './merge-paths.ts';
import { readRepository } from './repository.ts';

/** Artifacts read in one statement, and turned into JSON before anybody else gets a turn. */
const pageSize = 500;

export interface FileList {
  readonly uri: string;
  readonly created: string;
  /** read page by page, as fast as they are taken */
  readonly files: AsyncIterable<ListedItem>;
}

/**
 * `GET /api/storage/{repo}/{folder}?list`. One level is read by jumping from child to child; several are read in pages, so that a folder of
 * millions needs no more memory than a small one. What changes while a long list is being read may be in it or not.
 * @param wanted aborts when nobody waits for the list any more: it breaks off before the next page, also where all that it has read is kept from
 *        the reader, as it does when the session ends
 * @throws ARTIFACT_NOT_FOUND for what is no folder
 */
export async function storageList(content: Content, principal: Principal, repositoryKey: string, path: string, options: ListOptions, wanted?: AbortSignal): Promise<FileList> {
  const folder = path === '' || path.endsWith('/') ? path : `${path}/`;
  authorizeOneOf(principal, 'read', repositoryKey, path, [folder]);
  const { session, addresses } = content;
  const repository = await readRepository(session.coherence.read, repositoryKey);
  const members = await shownMembers(session.coherence.read, repository);
  const page = options.depth === 1 ? pageOfChildren : pageBelow;
  const sources = await Promise.all(members.map(async ({ member, shows }) => {
    const read = (after: string | null): Promise<ListedArtifact[]> => {
      wanted?.throwIfAborted();
      session.signal.throwIfAborted();
      return page(session.db, member.id, folder, after, pageSize);
    };
    // the first page is read before anything is answered: then it is known whether there is such a folder
    return { member, shows, read, first: await read(null) };
  }));
  if (folder !== '' && sources.every(({ first }) => first.length === 0)) throw artifactNotFound(repositoryKey, path);
  const shown = sources.map(({ member, shows, read, first }) => filtered(paged(first, read), (artifact) => {
    const child = options.depth === 1 ? childOf(folder, artifact.path) : artifact.path;
    return mayRead(principal, member.key, child) && (child.endsWith('/') || shows(child));
  }));
  return { uri: addresses.storage(repositoryKey, folder.slice(0, -1)), created: new Date().toISOString(), files: listed(merged(shown), folderLister(folder, options)) };
}

/** The child of a folder that a path belongs to: itself, or a folder, which ends in "/". */
function childOf(folder: string, path: string): string {
  const slash = path.indexOf('/', folder.length);
  return slash === -1 ? path : path.slice(0, slash + 1);
}

/** Page after page; the next one is on its way while one is taken. */
async function* paged(first: readonly ListedArtifact[], read: (after: string) => Promise<ListedArtifact[]>): AsyncGenerator<ListedArtifact> {
  for (let page = first; ;) {
    const last = page.at(-1);
    // a page that is not full was the last one
    const next = last === undefined || page.length < pageSize ? null : read(last.path);
    // its failure is met when it is needed, if it is
    next?.catch(() => undefined);
    yield* page;
    if (next === null) return;
    page = await next;
  }
}

async function* filtered<T>(items: AsyncIterable<T>, keep: (item: T) => boolean): AsyncGenerator<T> {
  for await (const item of items) if (keep(item)) yield item;
}

async function* listed(artifacts: AsyncIterable<ListedArtifact>, entriesOf: (artifact: ListedArtifact) => ListedItem[]): AsyncGenerator<ListedItem> {
  for await (const artifact of artifacts) yield* entriesOf(artifact);
}
