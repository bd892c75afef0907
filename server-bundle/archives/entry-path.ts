import { BulkheadError } from '../contract/index.ts';
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

export function refused(name: string, reason: string): BulkheadError {
  const shown = name.slice(0, 200).toWellFormed();
  return new BulkheadError('ARCHIVE_ENTRY_REFUSED', `The entry '${shown}' is refused: ${reason}`, { details: { entry: shown, reason } });
}
