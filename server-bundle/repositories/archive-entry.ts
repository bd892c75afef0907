import { Readable } from 'node:stream';
import { archiveKind, archiveLimits, walkArchive, type ArchiveLimits } from '../archives/index.ts';
import { BulkheadError } from '../contract/index.ts';
import type { StoredFile } from '../metadata/artifacts.ts';
import type { Principal } from '../security/principal.ts';
import type { Content } from './content.ts';
import { mediaTypeOf } from './media-type.ts';
import { readBlob } from './read-blob.ts';
import { resolve } from './resolve.ts';

/** A file in a stored archive. */
export interface EntryContent {
  readonly archive: StoredFile;
  readonly mimeType: string;
  /** bytes */
  readonly size: number;
  /** whoever gets it reads or destroys it */
  readonly bytes: Readable;
}

/** An archive may have more entries than one that is unpacked on arrival; those before the wanted one are not unpacked in a zip. */
const limits: ArchiveLimits = { ...archiveLimits, entries: 200_000 };
/** Unpacked bytes of an entry that is still answered. */
const mostEntryBytes = 1024 * 1024 * 1024;

/** Archive and entry of a path with `!/` in it, behind the first name that an archive can have; null for any other path. */
export function archiveEntryPath(path: string): { readonly archivePath: string; readonly entryPath: string } | null {
  for (let at = path.indexOf('!/', 1); at > 0 && at + 2 < path.length; at = path.indexOf('!/', at + 1)) {
    const archivePath = path.slice(0, at);
    if (archiveKind(archivePath) !== null) return { archivePath, entryPath: path.slice(at + 2) };
  }
  return null;
}

/**
 * The entry of an archive in a repository, unpacked while it is read.
 * @throws ARCHIVE_ENTRY_NOT_FOUND; ARCHIVE_INVALID and ARCHIVE_TOO_LARGE for archives that cannot be looked into
 */
export async function readArchiveEntry(content: Content, principal: Principal, repositoryKey: string, archivePath: string, entryPath: string): Promise<EntryContent> {
  // one that is on its way from upstream is looked into when all of it is here
  const found = await resolve(content, principal, repositoryKey, archivePath, { whole: true });
  const kind = archiveKind(archivePath);
  if (found.kind !== 'file' || kind === null) throw notFound(repositoryKey, archivePath, entryPath);
  const source = await readBlob(content, found.repository, found.file);
  const { file } = source;
  const open = async (range?: { start: number; end: number }): Promise<Readable> => {
    if (source.bytes === null) return source.open(range);
    return Readable.from([range === undefined ? source.bytes : source.bytes.subarray(range.start, range.end + 1)], { objectMode: false });
  };
  const walk = walkArchive(kind, { size: file.blob.size, open }, limits, 'pass-over');
  for (;;) {
    const next = await walk.next();
    if (next.done === true) throw notFound(repositoryKey, archivePath, entryPath);
    const entry = next.value;
    if (entry.path !== entryPath || entry.kind !== 'file') continue;
    if (entry.size > mostEntryBytes) {
      await walk.return(undefined);
      throw new BulkheadError('ARCHIVE_TOO_LARGE', `The entry has more than ${String(mostEntryBytes)} bytes`);
    }
    const bytes = await entry.open();
    // the walk ends with the reading, however that ends
    bytes.once('close', () => { walk.return(undefined).catch(() => undefined); });
    return { archive: file, mimeType: mediaTypeOf(entryPath), size: entry.size, bytes };
  }
}

function notFound(repositoryKey: string, archivePath: string, entryPath: string): BulkheadError {
  return new BulkheadError('ARCHIVE_ENTRY_NOT_FOUND', `There is no entry '${entryPath}' in ${repositoryKey}/${archivePath}`);
}
