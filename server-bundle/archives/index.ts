import { ArchiveBudget, archiveLimits, type ArchiveLimits } from './archive-budget.ts';
import type { ArchiveEntry, ArchiveSource } from './archive-entry.ts';
import type { ArchiveKind } from './archive-kind.ts';
import type { UnfitEntries } from './entry-path.ts';
import { walkTar } from './walk-tar.ts';
import { walkZip } from './walk-zip.ts';

export { archiveKind, type ArchiveKind } from './archive-kind.ts';
export { archiveLimits, type ArchiveLimits } from './archive-budget.ts';
export type { ArchiveEntry, ArchiveSource } from './archive-entry.ts';

/**
 * Entries of an archive, one after the other, within limits. Memory does not grow with the archive.
 * @param unfit what becomes of links, devices, and names that lead elsewhere: for who wants one entry and nothing else they are not there
 * @throws ARCHIVE_INVALID, ARCHIVE_ENTRY_REFUSED, ARCHIVE_TOO_LARGE
 */
export function walkArchive(kind: ArchiveKind, source: ArchiveSource, limits: ArchiveLimits = archiveLimits, unfit: UnfitEntries = 'refuse'): AsyncGenerator<ArchiveEntry> {
  const budget = new ArchiveBudget(limits, source.size);
  return kind === 'zip' ? walkZip(source, budget, unfit) : walkTar(source, kind === 'tgz', budget, unfit);
}
