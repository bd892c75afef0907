import { BulkheadError } from '../contract/index.ts';

/** What went wrong in a reader of archives: a failure of ours or of the filestore as it is, anything else is the archive's. */
export function archiveFailure(error: unknown): unknown {
  if (error instanceof BulkheadError) return error;
  if (error instanceof Error && 'syscall' in error) return error;
  return new BulkheadError('ARCHIVE_INVALID', undefined, { cause: error });
}
