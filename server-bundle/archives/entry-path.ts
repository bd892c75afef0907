import { BulkheadError, isBulkheadError } from '../contract/index.ts';
import { requireSegment } from '../repositories/path-segment.ts';

/**
 * The path that a name in an archive stands for, below whatever the archive is unpacked to.
 * @returns '' for the root itself ("./")
 * @throws ARCHIVE_ENTRY_REFUSED for a name that leads elsewhere, or that no file of a repository can have
 */
export function entryPath(name: string): string {
  const relative = name.replace(/^(?:\.\/)+/, '').replace(/\/$/, '');
  if (relative === '' || relative === '.') return '';
  if (/^(?:[/\\]|[a-zA-Z]:)/.test(name)) throw refused(name, 'it is an absolute path');
  for (const segment of relative.split('/')) {
    if (segment === '..') throw refused(name, 'it leads out of the archive');
    try {
      requireSegment(segment);
    } catch (error) {
      throw refused(name, error instanceof BulkheadError ? error.message : 'it is not valid');
    }
  }
  return relative;
}

/** What becomes of an entry that no file of a repository can be made of. */
export type UnfitEntries = 'refuse' | 'pass-over';

/** What `read` finds out about an entry; undefined for one that is passed over. @throws ARCHIVE_ENTRY_REFUSED for one that is refused */
export function fitting<T>(unfit: UnfitEntries, read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (unfit === 'pass-over' && isBulkheadError(error, 'ARCHIVE_ENTRY_REFUSED')) return undefined;
    throw error;
  }
}

export function refused(name: string, reason: string): BulkheadError {
  const shown = name.slice(0, 200).toWellFormed();
  return new BulkheadError('ARCHIVE_ENTRY_REFUSED', `The entry '${shown}' is refused: ${reason}`, { details: { entry: shown, reason } });
}
