import { ArchiveBudget, archiveLimits, type ArchiveLimits } from './archive-budget.ts';
import type { ArchiveEntry, ArchiveSource } from './archive-entry.ts';
import type { ArchiveKind } from './archive-kind.ts';
import { walkTar } from './walk-tar.ts';
import { walkZip } from './walk-zip.ts';

export { archiveKind, type ArchiveKind } from './archive-kind.ts';
export { archiveLimits, type ArchiveLimits } from './archive-budget.ts';
export type { ArchiveEntry, ArchiveSource } from './archive-entry.ts';

/**
 * Entries of an archive, one after the other, within limits. Memory does not grow with the archive.
 * @throws ARCHIVE_INVALID, ARCHIVE_ENTRY_REFUSED, ARCHIVE_TOO_LARGE
 */
export function walkArchive(kind: ArchiveKind, source: ArchiveSource, limits: ArchiveLimits = archiveLimits): AsyncGenerator<ArchiveEntry> {
  const budget = new ArchiveBudget(limits, source.size);
  return kind === 'zip' ? walkZip(source, budget) : walkTar(source, kind === 'tgz', budget);
}
