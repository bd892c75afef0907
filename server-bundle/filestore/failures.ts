import { BulkheadError } from '../contract/index.ts';

const full = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);
/** What says that the share itself is the trouble, not the one file. */
const unavailable = new Set([
  'EROFS', 'EIO', 'ESTALE', 'ENOTCONN', 'EACCES', 'EPERM', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENETUNREACH', 'ENODEV', 'ENXIO',
  'ETIMEDOUT', 'ECONNREFUSED', 'ECONNABORTED', 'EREMOTEIO', 'ENOTDIR', 'EMFILE', 'ENFILE', 'EBUSY', 'ENOLCK', 'EOPNOTSUPP', 'ENOTSUP',
]);

/** The folder answers others, and this caller has waited long enough. What it asked for may still happen. */
export class FilestoreBusy extends BulkheadError {
  constructor() {
    super('OVERLOADED', 'The filestore takes longer than can be waited for');
  }
}

/** The system's error code (`ENOENT`), or null for what is no system error. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** A system error of the filestore as an error of the registry; anything else (ENOENT and EEXIST, too) as it is. */
export function asFilestoreError(error: unknown): unknown {
  const code = systemCode(error);
  if (code === null) return error;
  if (full.has(code)) return new BulkheadError('FILESTORE_FULL', undefined, { cause: error });
  if (unavailable.has(code)) return new BulkheadError('FILESTORE_UNAVAILABLE', `The filestore answered ${code}`, { cause: error });
  return error;
}
